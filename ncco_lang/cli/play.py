"""`ncco play`: play a call and show what the caller hears."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Literal

import click

from ncco_lang.cli.console import emit
from ncco_lang.cli.options import PATH, arguments_option, choosing
from ncco_lang.cli.render import visible
from ncco_lang.cli.script_options import ScriptCommand, read_time, script_of, script_options
from ncco_lang.cli.transcript_output import transcript_file, write_transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ncco_lang.cli.play_keyboard import AskingPlans
    from ncco_lang.cli.play_served import Served
    from ncco_lang.cli.play_source import Beginning
    from ncco_lang.project.params import Given
    from ncco_lang.simulate.phone import Phone
    from ncco_lang.simulate.transcript import Transcript
    from ncco_lang.simulate.types import Act, Answer, Hook, Output, Plan, Request, Settings

_METHODS = click.Choice(("GET", "POST"))


def _checked_url(ctx: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    """Return the URL of an option. Raises click.UsageError if no request can be sent to it."""
    from ncco_lang.cli.play_source import is_web_address

    if text is not None and not is_web_address(text):
        raise click.UsageError(
            f'{parameter.opts[0]} takes a URL such as http://localhost:3000/event, not "{text}"', ctx
        )
    return text


def _checked_secret(ctx: click.Context, _: click.Parameter, text: str | None) -> str | None:
    """Return the secret. Raises click.UsageError if it is empty, as that of a variable that is not set."""
    if text == "":
        raise click.UsageError("--signature-secret takes a secret, but it is empty", ctx)
    return text


@click.command(
    cls=ScriptCommand,
    epilog="""\b
Examples:
  ncco play menu.flow                              play a flow; answer its prompts with keys, words and Enter
  ncco play menu.json --press 1 --say "sales"      play an NCCO with a script
  ncco play http://localhost:3000/answer           play the NCCO of your own server
  ncco play menu.flow --ring "+31201234568=busy"   make a number busy
  ncco play menu.flow --press 1 --transcript call.json
  ncco play order.flow --fetch "GET https://shop.example/orders/*=order.json"
  ncco play menu.flow --dead-after 1               hear what callers hear while the flow's server is down

Exit codes: 0 the call reached its end, 1 the caller heard an error or dead air, or the flow has errors, 2 wrong usage or
unreadable input, 130 Ctrl-C.
""",
)
@click.argument("what", required=False, type=PATH, metavar="[FILE.flow|FILE.json|BUNDLE|URL|-]")
@choosing
@script_options
@click.option("--from", "sender", metavar="NUMBER", help="The caller's number.")
@click.option("--to", "called", metavar="NUMBER", help="The called number.")
@click.option(
    "--answered-by",
    type=click.Choice(("human", "machine")),
    help="Place the call, with machine detection, and let this answer it; without it the call comes in.",
)
@click.option("--at", metavar="TIME", help="When the call begins, in UTC. Default: 2026-01-05T10:00.")
@click.option("--answer-method", type=_METHODS, default="GET", help="How the answer URL is requested. Default: GET.")
@click.option(
    "--event-url",
    metavar="URL",
    callback=_checked_url,
    help="The URL for status events. Default with an answer URL: event next to it.",
)
@click.option("--event-method", type=_METHODS, default="POST", help="How status events are sent. Default: POST.")
@click.option("--fallback-url", metavar="URL", callback=_checked_url, help="The application's fallback URL.")
@click.option(
    "--signature-secret",
    metavar="SECRET",
    envvar="NCCO_SIGNATURE_SECRET",
    callback=_checked_secret,
    help="Sign webhooks with this secret.",
)
@click.option("--post", is_flag=True, help="With a file: send webhooks instead of only showing them.")
@click.option(
    "--webhook", "webhooks", multiple=True, metavar="GLOB=FILE", help="Answer webhooks to matching addresses."
)
@click.option(
    "--fetch",
    "fetches",
    multiple=True,
    metavar='"GET GLOB=FILE"',
    help="With a flow that branches: answer lookups of matching addresses with the JSON of a file; =404 is a status, "
    "=timeout no answer in time, and =fails none at all.",
)
@arguments_option
@click.option(
    "--dead-after",
    type=click.IntRange(min=0),
    metavar="N",
    help="With a flow that branches: its server answers N webhooks, and then nothing any more.",
)
@click.option("--realtime", is_flag=True, help="Play in real time.")
@click.option(
    "--transcript", metavar="FILE", type=PATH, callback=transcript_file, help="Write all events of the call as JSON."
)
@click.pass_context
def command(
    ctx: click.Context,
    what: str | None,
    params: dict[str, Given],
    profile: str | None,
    base_url: str | None,
    rings: dict[str, Plan],
    sender: str | None,
    called: str | None,
    answered_by: Literal["human", "machine"] | None,
    at: str | None,
    answer_method: str,
    event_url: str | None,
    event_method: str,
    fallback_url: str | None,
    signature_secret: str | None,
    post: bool,
    webhooks: tuple[str, ...],
    fetches: tuple[str, ...],
    arguments: dict[str, str],
    dead_after: int | None,
    realtime: bool,
    transcript: str | None,
) -> None:
    """Play a call that starts from a flow, an NCCO or your own server's answer URL. No account is needed.

    With a URL, ncco acts as the platform: it fetches the NCCO from the URL and posts every event. On a terminal and
    without a script, the keyboard is the caller's; elsewhere a caller without a script is silent.
    """
    from ncco_lang.cli.play_answers import Server, answers_of
    from ncco_lang.cli.play_source import read_answers, read_beginning
    from ncco_lang.simulate.phone import Phone
    from ncco_lang.simulate.player import MONDAY, begin_call
    from ncco_lang.simulate.transcript import Transcript
    from ncco_lang.workspace.projects import Choices

    started, files = MONDAY if at is None else read_time(ctx, at), read_answers(ctx, webhooks)
    beginning = read_beginning(what, Choices(profile=profile, params=params, base_url=base_url))
    if beginning is None:
        ctx.exit(1)
    script, server, whole = script_of(ctx), Server(signature_secret), Transcript(started)
    others = server.respond if beginning.url is not None or post else None
    asking, plan_of = _plans(rings, asks=not script and what != "-" and _is_terminal())
    served = _served(ctx, beginning, dead_after, fallback_url, others, fetches, arguments, asking)
    settings = _settings(beginning, served, event_url, fallback_url, plan_of, (answer_method, event_method))
    respond = answers_of(files, others if served is None else lambda request: served.respond(phone, request))
    phone = Phone(settings, now=started)
    try:
        leg = begin_call(phone, called, sender, answered_by, ncco=beginning.ncco, answer=settings.answer)
        _play(phone, leg, script, respond, beginning, served, whole, asking, realtime=realtime)
    finally:
        server.close()
        whole.finish()
        if transcript is not None:  # after Ctrl-C too: what has happened until then
            write_transcript(transcript, beginning.veiled(whole.events), beginning.veiled(whole.problems))
    ctx.exit(1 if whole.problems else 0)


def _plans(rings: dict[str, Plan], *, asks: bool) -> tuple[AskingPlans | None, Callable[[str], Plan]]:
    """Return how endpoints behave, and the questions about them if the user is asked."""
    if asks:
        from ncco_lang.cli.play_keyboard import AskingPlans

        asking = AskingPlans(rings)
        return asking, asking.plan_of
    from ncco_lang.simulate.script import plans_by_number

    return None, plans_by_number(rings)


def _play(
    phone: Phone,
    leg: str,
    script: Sequence[Act],
    respond: Callable[[Request], Answer],
    beginning: Beginning,
    served: Served | None,
    whole: Transcript,
    asking: AskingPlans | None,
    *,
    realtime: bool,
) -> None:
    """Play the call to its end: by the script, or by hand if the user is asked."""
    if asking is None:
        from ncco_lang.simulate.script import play

        outputs = play(phone, leg, script, respond)
        _show(_paced(outputs, whole.started) if realtime else outputs, phone, leg, beginning, served, whole)
        return
    from ncco_lang.cli.play_keyboard import keys_of_user, play_by_hand

    with keys_of_user() as keys:
        outputs = play_by_hand(phone, leg, respond, keys, asking, realtime=realtime)
        _show(outputs, phone, leg, beginning, served, whole, keys.print_line)


def _served(
    ctx: click.Context,
    beginning: Beginning,
    dead_after: int | None,
    fallback_url: str | None,
    others: Callable[[Request], Answer] | None,
    fetches: tuple[str, ...],
    arguments: dict[str, str],
    asking: AskingPlans | None,
) -> Served | None:
    """Return the runtime of a flow that branches; None for one NCCO, and for the answer URL of a server.

    Raises:
        click.UsageError: `--dead-after`, `--fetch` and `-a` go with a flow that branches only; or an arg is wrong.
    """
    if beginning.bundle is None:
        given = "--dead-after" if dead_after is not None else "--fetch" if fetches else "-a" if arguments else None
        if given is not None:
            raise click.UsageError(f"{given} goes with a flow that branches, which ncco serves itself", ctx)
        return None
    from ncco_lang.cli.play_lookups import Lookups, read_servers
    from ncco_lang.cli.play_served import Served
    from ncco_lang.program.params import ArgumentError
    from ncco_lang.testing.in_process import InProcess, Playable

    lookups = Lookups(read_servers(ctx, fetches), beginning.veiled, None if asking is None else asking.line)
    playable = Playable(beginning.bundle)
    server = InProcess(playable, lookups.look_up, dead_after=dead_after, fallback_url=fallback_url)
    try:
        server.take_arguments(arguments)
    except ArgumentError as wrong:
        raise click.UsageError(f"-a: {wrong}", ctx) from None
    return Served(server, lookups, beginning.bundle, beginning.name, others)


def _settings(
    beginning: Beginning,
    served: Served | None,
    event_url: str | None,
    fallback_url: str | None,
    plan_of: Callable[[str], Plan],
    methods: tuple[Any, Any],
) -> Settings:
    from ncco_lang.simulate.player import EVENTS
    from ncco_lang.simulate.types import Settings

    answer = None
    if served is not None:
        answer = served.server.answer_hook._replace(method=methods[0])
        event_url = event_url or served.server.event_hook.url
    if beginning.url is not None:
        answer = _hook(beginning.url, read=5.0, method=methods[0])
        event_url = event_url or _beside(beginning.url)
    event = _hook(event_url or EVENTS, read=10.0, method=methods[1])
    fallback = None if fallback_url is None else _hook(fallback_url, read=5.0, method="GET")
    return Settings(answer=answer, event=event, fallback=fallback, plan_of=plan_of)


def _hook(url: str, *, read: float, method: Any = "POST") -> Hook:
    from ncco_lang.simulate.types import Hook

    return Hook(url=url, method=method, read=read)


def _beside(url: str) -> str:
    """Return the address `event` next to an answer URL, where most servers receive events."""
    from urllib.parse import urljoin

    return urljoin(url, "event")


def _is_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _paced(outputs: Iterator[Output], started: float) -> Iterator[Output]:
    """Yield each output at its time in the call."""
    from ncco_lang.simulate.types import Happened

    begun = time.monotonic()
    for output in outputs:
        if isinstance(output, Happened):
            time.sleep(max(0.0, begun + output.at - started - time.monotonic()))
        yield output


def _show(
    outputs: Iterator[Output],
    phone: Phone,
    leg: str,
    beginning: Beginning,
    served: Served | None,
    whole: Transcript,
    print_line: Callable[[str], None] = lambda line: emit(f"{line}\n"),
) -> None:
    """Print each output as it comes, and add it to the transcript, which has only what the platform knows."""
    from ncco_lang.simulate.render import render_entry
    from ncco_lang.simulate.transcript import Numbering, entry

    numbering = Numbering()

    def show(output: Output, place: str | None) -> None:
        line = beginning.veiled(numbering.of(entry(output, whole.started)))
        person = phone.board.leg(leg)
        # Only actions of the file's own NCCO have lines in the file, and only the caller runs it.
        is_own = output.leg == leg and not person.mark
        place_of: Callable[[int], str | None] = beginning.place_of if is_own else _nowhere
        if served is not None:
            place_of = served.place_of(output.leg)
        words = render_entry(line, numbering.of(leg), place_of)
        if words is not None:
            print_line(visible(words) + (f"   {place}" if place else ""))

    for output in outputs:
        for known, place in () if served is None else served.take():
            show(known, place)
        discreet = output if served is None else served.server.discreet(output)
        whole.add(discreet)
        show(discreet, None)
    for known, place in () if served is None else served.take():
        show(known, place)


def _nowhere(_: int) -> None:
    return None
