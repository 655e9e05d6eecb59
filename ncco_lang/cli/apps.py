"""`ncco apps`: list the applications of an account, or show one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import click

from ncco_lang.cli.console import Refused, emit
from ncco_lang.cli.provider_command import chosen, profile_option, remote, without_password, without_secrets
from ncco_lang.cli.render import visible

if TYPE_CHECKING:
    from ncco_lang.api.provider import Provider
    from ncco_lang.api.types import Application

_HEADS = ("ID", "NAME", "KEY", "ANSWER URL")


@click.command(
    epilog="""\b
Examples:
  ncco apps                                    all applications; this profile deployed those with a key
  ncco apps --ours                             only those that this profile deployed
  ncco apps --name "pedal*"                    filter by name, ignoring case
  ncco apps --profile live --json | jq -r .id
  ncco apps "Pedal and Spoke"                  show one application with all its settings
  ncco apps 78d335fa-323d-4114-9c3d-d6f0d48968cf

Private keys and passwords are not shown.

Exit codes: 0 done, 1 application not found, 2 wrong usage or settings, 3 the provider or the network refused.
"""
)
@click.argument("wanted", required=False, metavar="[ID|NAME]")
@click.option(
    "--name",
    "pattern",
    metavar="GLOB",
    help="Only applications whose name matches; * matches any text, ? one character.",
)
@click.option("--ours", "only_ours", is_flag=True, help="Only applications deployed with this profile.")
@profile_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.pass_context
@remote
def command(
    ctx: click.Context, wanted: str | None, pattern: str | None, only_ours: bool, profile: str | None, as_json: bool
) -> None:
    """List the applications of the account, or show the one with this ID, key or NAME."""
    from ncco_lang.deploy.open_provider import connected

    if wanted is not None and (pattern is not None or only_ours):
        raise click.UsageError("--name and --ours are for lists, not for one application")
    place = chosen(profile)
    keys = {deployed.id: key for key, deployed in place.state().applications.items()}
    with connected(place.target, place.project.folder) as provider:
        if wanted is None:
            found_all = _ours(provider, keys) if only_ours else _all(provider, keys)
            fitting = [each for each in found_all if _fits(each, pattern)]
            _list(fitting, keys, is_filtered=only_ours or pattern is not None, as_json=as_json)
            return
        found = _find(provider, keys, wanted)
    if found is None:
        Refused(f'there is no application "{wanted}"; ncco apps lists them').show()
        ctx.exit(1)
    _show(found, as_json=as_json)
    if found.id in keys and not as_json:
        emit(f'deployed with profile "{place.target.profile.name}" as "{keys[found.id]}"\n', err=True)


def _fits(application: Application, pattern: str | None) -> bool:
    return pattern is None or fnmatchcase((application.settings.name or "").casefold(), pattern.casefold())


def _list(applications: Iterable[Application], keys: dict[str, str], *, is_filtered: bool, as_json: bool) -> None:
    from ncco_lang.cli.call_records import json_line
    from ncco_lang.cli.text_table import emit_table

    rows = []
    for application in applications:
        settings, key = application.settings, keys.get(application.id)
        address = None if settings.answer_url is None else without_password(settings.answer_url)
        if as_json:
            emit(json_line({"id": application.id, "name": settings.name, "deployed_as": key, "answer_url": address}))
        rows.append((application.id, settings.name, key, address))
    if as_json:
        return
    if not rows:
        emit("no such applications\n" if is_filtered else "no applications\n", err=True)
        return
    emit_table(_HEADS, rows, elastic=("NAME", "ANSWER URL"))


def _all(provider: Provider, keys: dict[str, str]) -> list[Application]:
    """Return the applications of the account, or those of the profile if the provider cannot list."""
    from ncco_lang.api.errors import CannotList

    try:
        return list(provider.list_applications())
    except CannotList:
        emit("ncco: this account cannot list its applications; these are the ones of this profile\n", err=True)
        return _ours(provider, keys)


def _ours(provider: Provider, keys: dict[str, str]) -> list[Application]:
    """Return the applications deployed with the profile; report those that no longer exist."""
    from ncco_lang.deploy.provider_state import read_applications

    found = read_applications(provider, keys)
    for id, key in keys.items():
        if id not in found:
            emit(f"ncco: {visible(id)} ({visible(key)}) is not there any more; ncco deploy makes it again\n", err=True)
    return [found[id] for id in keys if id in found]


def _find(provider: Provider, keys: dict[str, str], wanted: str) -> Application | None:
    """Return the application with this id, key or name; None if there is no such application.

    Raises:
        Refused: several applications have that name.
    """
    from ncco_lang.api.errors import NotFound

    ids = {key: id for id, key in keys.items()}
    id = ids.get(wanted, wanted)
    if _is_id(id):
        try:
            return provider.read_application(id)
        except NotFound:
            return None
    named = [each for each in _all(provider, keys) if each.settings.name == wanted]
    if len(named) > 1:
        those = ", ".join(each.id for each in named)
        raise Refused(f'several applications have the name "{wanted}"; take one by its id: {those}')
    return named[0] if named else None


def _is_id(text: str) -> bool:
    plain = text.replace("-", "")
    return len(plain) == 32 and all(sign in "0123456789abcdefABCDEF" for sign in plain)


def _show(application: Application, *, as_json: bool) -> None:
    from ncco_lang.cli.call_records import json_line

    whole = without_secrets(application.raw)
    if as_json:
        emit(json_line(whole))
        return
    lines = json.dumps(whole, indent=2, ensure_ascii=False).splitlines()
    emit("".join(visible(line) + "\n" for line in lines))
