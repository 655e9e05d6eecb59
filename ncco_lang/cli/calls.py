"""`ncco calls`: list calls, show one, or change one that goes on."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import click

from ncco_lang.cli.call_control import change_call, check_control, control_of, control_options
from ncco_lang.cli.console import emit
from ncco_lang.cli.options import choosing
from ncco_lang.cli.provider_command import AnswerIsNo, app_option, chosen, remote, without_secrets
from ncco_lang.cli.render import visible

if TYPE_CHECKING:
    from ncco_lang.api.provider import Provider
    from ncco_lang.api.types import Call, CallFilter
    from ncco_lang.project.params import Given

_UUID = re.compile(r"[0-9A-Za-z-]{1,64}")
_AGO = re.compile(r"([0-9]{1,6})(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_FIRST = 20


def _read_moment(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return a time in the providers' format, in UTC.

    Accepts `2026-11-24`, `2026-11-24T10:15+01:00`, or how long ago: `30m`, `2h`, `7d`.
    """
    if value is None:
        return None
    ago = _AGO.fullmatch(value)
    try:
        if ago is not None:
            time = datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        else:
            time = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as failed:
        raise click.UsageError(
            f'--{param.name}: "{visible(value)}" is no time; write it like 2026-11-24, 2026-11-24T10:15 or 2h (ago)',
            ctx,
        ) from failed
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _complete_status(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from ncco_lang.api.statuses import STATUSES

    return [status for status in STATUSES if status.startswith(incomplete)]


@click.command(
    epilog="""\b
Examples:
  ncco calls                                   the last 20 calls, newest first
  ncco calls --status busy --since 2h
  ncco calls --since 2026-11-01 --until 2026-12-01 --limit 1000 --json | jq -r .price
  ncco calls 63f61863-4a51-4f6b-86e1-46edebcf9356
  ncco calls 63f61863-4a51-4f6b-86e1-46edebcf9356 --hang-up
  ncco calls 63f61863-4a51-4f6b-86e1-46edebcf9356 --talk "One moment." --language en-GB --style 2
  ncco calls 63f61863-4a51-4f6b-86e1-46edebcf9356 --transfer menu.flow

One run makes one change: --hang-up, --talk ... or --transfer. Times are local, with their zone; with --json they are
the provider's, in UTC.

Exit codes: 0 done, 1 call not found, over, or not answered yet, or the NCCO of --transfer has errors, 2 wrong usage or settings, 3 the provider or the network refused.
"""
)
@click.argument("uuid", required=False, metavar="[UUID]")
@click.option(
    "--status",
    metavar="STATUS",
    shell_complete=_complete_status,
    help="Only calls with this status: completed, busy, ...",
)
@click.option("--since", callback=_read_moment, metavar="TIME", help="Only calls that began then or later.")
@click.option("--until", callback=_read_moment, metavar="TIME", help="Only calls that began then or earlier.")
@click.option("--conversation", metavar="UUID", help="Only calls of this conversation (CON-...).")
@click.option("--limit", type=click.IntRange(1), default=_FIRST, show_default=True, help="The most calls to list.")
@control_options
@app_option
@choosing
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.pass_context
@remote
def command(
    ctx: click.Context,
    uuid: str | None,
    status: str | None,
    since: str | None,
    until: str | None,
    conversation: str | None,
    limit: int,
    app: str | None,
    params: dict[str, Given],
    profile: str | None,
    base_url: str | None,
    as_json: bool,
) -> None:
    """List the calls of an application, show the call with this UUID, or change it while it goes on."""
    from ncco_lang.api.errors import NotFound
    from ncco_lang.api.statuses import STATUSES
    from ncco_lang.api.types import CallFilter
    from ncco_lang.deploy.open_provider import connected

    if uuid is not None and _UUID.fullmatch(uuid) is None:
        raise click.UsageError(f'"{visible(uuid)}" is no uuid of a call; ncco calls lists them')
    if uuid is not None and uuid.startswith("CON-"):
        raise click.UsageError(f"{uuid} is a conversation; its calls: ncco calls --conversation {uuid}")
    if uuid is not None and (status or since or until or conversation):
        raise click.UsageError("--status, --since, --until and --conversation are for lists, not for one call")
    control = control_of(ctx)
    if uuid is None and control is not None:
        raise click.UsageError(f"{control.option} wants the UUID of the call")
    if (params or base_url is not None) and (control is None or control.file is None):
        raise click.UsageError("-p and --base-url go with --transfer FILE.flow")
    if since is not None and until is not None and since > until:
        raise click.UsageError("--since is later than --until, so no call can lie between them")
    if status is not None and status not in STATUSES:
        raise click.UsageError(f'there is no status "{visible(status)}"; there are {", ".join(STATUSES)}')
    which = CallFilter(status=status, date_start=since, date_end=until, conversation_uuid=conversation, order="desc")
    place = chosen(profile)
    application = place.app(app)
    ncco = None
    if control is not None:
        check_control(control, place.target.provider)
        if control.file is not None:
            from ncco_lang.cli.transfer_source import read_transfer

            ncco = read_transfer(control.file, params, base_url, place, application)
            if ncco is None:
                ctx.exit(1)
    id = place.application_id(application)
    with connected(place.target, place.project.folder) as provider:
        if uuid is None:
            _list(provider, id, which, limit, as_json=as_json)
            return
        try:
            if control is not None:
                change_call(provider, id, uuid, control, ncco)
            else:
                _show(provider.read_call(id, uuid), as_json=as_json)
        except NotFound as failed:
            raise AnswerIsNo(str(failed)) from failed


def _show(call: Call, *, as_json: bool) -> None:
    from ncco_lang.api.statuses import meaning_of
    from ncco_lang.cli.call_records import call_as_json, json_line, render_call

    if as_json:
        emit(json_line({**call_as_json(call), "raw": without_secrets(call.raw)}))
    else:
        emit(render_call(call, None if call.status is None else meaning_of(call.status).words))


def _list(provider: Provider, id: str, which: CallFilter, limit: int, *, as_json: bool) -> None:
    from ncco_lang.cli.call_records import CURRENCY, call_as_json, json_line, local_times
    from ncco_lang.cli.text_table import emit_table

    calls = islice(provider.list_calls(id, which), limit)
    if as_json:
        for call in calls:
            emit(json_line(call_as_json(call)))
        return
    found = list(calls)
    if not found:
        emit("no calls\n", err=True)
        return
    zone, times = local_times([call.start_time for call in found])
    started = "STARTED" if zone is None else f"STARTED ({zone})"
    heads = ("UUID", "STATUS", "TO", started, "SECONDS", CURRENCY, "FROM", "DIRECTION")
    emit_table(heads, [_row(call, time) for call, time in zip(found, times, strict=True)])
    if len(found) == limit:
        emit(f"these are the newest {limit}; --limit shows more\n", err=True)


def _row(call: Call, started: str | None) -> tuple[str | None, ...]:
    from ncco_lang.cli.call_records import address_of, plain_amount

    return (
        call.uuid,
        call.status,
        address_of(call.to),
        started,
        call.duration,
        plain_amount(call.price),
        address_of(call.from_),
        call.direction,
    )
