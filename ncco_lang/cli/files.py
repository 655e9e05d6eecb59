"""Which files a command works on, and the `ncco.toml` that holds for each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ncco_lang.cli.output import Refused, emit, read_source, wants_colour
from ncco_lang.project.config import CONFIG_NAME, Config, default_config, parse_config

_PASSED_OVER = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})


@cache
def config_of(folder: str) -> tuple[str, Config]:
    """The folder that holds the nearest `ncco.toml` above, and its settings; the folder itself and defaults for none.

    Raises:
        Refused: the file says something that ncco does not know (its findings are printed before).
    """
    here = Path(folder).resolve()
    for parent in (here, *here.parents):
        name = parent / CONFIG_NAME
        if name.is_file():
            return str(parent), _read_config(name)
    return str(here), default_config()


def _read_config(name: Path) -> Config:
    from ncco_lang import __version__
    from ncco_lang.cli.render import render_text
    from ncco_lang.rules import nearest_rule

    shown = os.path.relpath(name)
    source = read_source(str(name) if shown.startswith(os.pardir) else shown)
    config, found = parse_config(source, __version__, _is_rule, nearest_rule)
    if found:
        emit(render_text(found, colour=wants_colour(err=True)), err=True)
        raise Refused(f"{source.name} is not usable; nothing was checked")
    return config


def _is_rule(word: str) -> bool:
    """Whether a word is the code or name of a rule, letter for letter: severities are looked up by it."""
    from ncco_lang.rules import find_rule

    rule = find_rule(word)
    return rule is not None and word in (rule.code, rule.name)


def expand(arguments: tuple[str, ...]) -> Iterator[str]:
    """The files that the arguments of a command mean, each once, in the order given and sorted within a folder.

    A file is taken as it is; of a folder the JSON files that the settings call NCCO; `-` is standard input.
    """
    seen: set[str] = set()
    for argument in arguments or (".",):
        names = sorted(_of_folder(argument)) if argument != "-" and Path(argument).is_dir() else [argument]
        for name in names:
            real = name if name == "-" else os.path.realpath(name)
            if real not in seen:
                seen.add(real)
                yield name


def _of_folder(folder: str) -> Iterator[str]:
    """The NCCO files below a folder; links to folders are not followed, so a loop of links costs nothing."""
    import pathspec

    root, config = config_of(folder)
    wanted = pathspec.GitIgnoreSpec.from_lines(config.json)
    for parent, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _PASSED_OVER)
        for name in files:
            path = str(Path(parent) / name)
            if name.endswith(".json") and wanted.match_file(os.path.relpath(os.path.realpath(path), root)):
                yield os.path.normpath(path)


def _unreadable(failed: OSError) -> None:
    raise Refused(f"cannot read the folder {failed.filename}: {failed.strerror}") from failed
