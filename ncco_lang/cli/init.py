"""`ncco init`: create the files of a new project."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from ncco_lang.cli.console import Refused, emit
from ncco_lang.cli.options import PATH
from ncco_lang.cli.project_templates import GITATTRIBUTES, GITIGNORE, KEYS, OUTPUTS, TEMPLATES
from ncco_lang.cli.render import visible
from ncco_lang.workspace.files import make_folder, write_atomic

_DEFAULT = next(iter(TEMPLATES))
_KEPT = {GITIGNORE: f"{OUTPUTS} and {KEYS}", GITATTRIBUTES: "*.flow text eol=lf"}
"""Files that a folder may have already, and what may be missing in them."""


class _Template(click.Choice[str]):
    """The name of a template; a name close to one is named in the error."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            import difflib

            near = difflib.get_close_matches(value, self.choices, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"there are {' and '.join(self.choices)}"
            raise click.UsageError(f'there is no template "{value}"; {hint}', ctx)
        return value


@click.command(
    epilog="""\b
Examples:
  ncco init hello                    in a new folder
  ncco init                          in this one
  ncco init --template menu shop     a menu with tests, to be served by ncco serve

Exit codes: 0 done, 2 a file already exists or cannot be written.
"""
)
@click.argument("folder", default=".", type=PATH, metavar="[DIR]")
@click.option(
    "--template",
    type=_Template(tuple(TEMPLATES)),
    default=_DEFAULT,
    show_default=True,
    help="voicemail is a call from top to bottom, menu a flow that branches, with tests.",
)
def command(folder: str, template: str) -> None:
    """Create a project: a flow, its settings, a .gitignore and a .gitattributes. No file is overwritten."""
    files, following = TEMPLATES[template]
    there = [name for name in files if os.path.lexists(Path(folder, name))]
    clashes = [os.path.normpath(Path(folder, name)) for name in there if name not in _KEPT]
    if clashes:
        raise Refused(
            f"{' and '.join(clashes)} {'is' if len(clashes) == 1 else 'are'} there already; nothing was written"
        )
    make_folder(folder)
    for name, text in files.items():
        path = os.path.normpath(Path(folder, name))
        if name in there:
            emit(f"kept {visible(path)} as it is; {_KEPT[name]} may belong into it\n")
        else:
            write_atomic(path, text)
            emit(f"made {visible(path)}\n")
    emit("\nNext:\n")
    if os.path.normpath(folder) != ".":
        emit(f"  cd {visible(shlex.quote(os.path.normpath(folder)))}\n")
    emit(following)
