"""Change a call that goes on: `ncco calls UUID --talk TEXT` and the other options that do one thing to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from ncco_lang.cli.console import Refused, emit
from ncco_lang.cli.options import PATH, is_text
from ncco_lang.cli.provider_command import AnswerIsNo

if TYPE_CHECKING:
    from ncco_lang.api.errors import ApiError
    from ncco_lang.api.provider import Provider

_Command = TypeVar("_Command", bound=Callable[..., Any])
_KEYS = re.compile(r"[0-9*#p]+")
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


class _Change(NamedTuple):
    """One change: the value that it takes, if any, its help, and what is said when it is done."""

    metavar: str | None
    help: str
    done: str


_CHANGES: Mapping[str, _Change] = {
    "--hang-up": _Change(None, "End the call with this UUID.", "hung up"),
    "--talk": _Change("TEXT", "Say a text into the call.", "the text is spoken"),
    "--stop-talk": _Change(None, "Stop the text of --talk.", "the text is stopped"),
    "--stream": _Change("URL", "Play an audio file into the call.", "the audio is played"),
    "--stop-stream": _Change(None, "Stop the audio of --stream.", "the audio is stopped"),
    "--dtmf": _Change("KEYS", "Play keys into the call: 0-9, *, # and p, a pause of half a second.", "keys played"),
    "--mute": _Change(None, "Let the others not hear this call.", "muted"),
    "--unmute": _Change(None, "End --mute.", "unmuted"),
    "--earmuff": _Change(None, "Let this call not hear the others.", "earmuffed"),
    "--unearmuff": _Change(None, "End --earmuff.", "unearmuffed"),
    "--transfer": _Change("URL|FILE", "Run another NCCO: of a URL, a .json file or a .flow file.", "transferred"),
}

_TALKS, _PLAYS = ("--talk",), ("--talk", "--stream")
# Option → the changes that it goes with, its type and its help.
_SETTINGS: Mapping[str, tuple[tuple[str, ...], Any, str]] = {
    "--language": (_TALKS, str, "The language of --talk, such as nl-NL (Vonage)."),
    "--style": (_TALKS, click.IntRange(0), "The voice of the language (Vonage)."),
    "--voice-name": (_TALKS, str, "The voice of --talk, such as Lotte (KPN)."),
    "--level": (_PLAYS, click.FloatRange(-1, 1), "The volume, from -1 to 1 (Vonage)."),
    "--loop": (_PLAYS, click.IntRange(0), "How often it is played; 0 is until it is stopped."),
}
_NOT_AT = {"kpn": ("--language", "--style", "--level"), "vonage": ("--voice-name",)}


@dataclass(frozen=True, slots=True)
class Control:
    """One change of a call: the option, its value, and the further options that go with it."""

    option: str
    value: str
    settings: Mapping[str, Any]

    @property
    def file(self) -> str | None:
        """The file with the NCCO of a transfer; None for a transfer to a URL, and for other changes."""
        return self.value if self.option == "--transfer" and _ADDRESS.fullmatch(self.value) is None else None


def control_options(command: _Command) -> _Command:
    """Add the options that change a call; `control_of` reads them."""
    options = []
    for name, change in _CHANGES.items():
        more: dict[str, Any] = {"is_flag": True} if change.metavar is None else {"metavar": change.metavar}
        if name == "--transfer":
            more["type"] = PATH
        options.append(click.option(name, multiple=True, expose_value=False, callback=_keep, help=change.help, **more))
    for name, (_, kind, words) in _SETTINGS.items():
        options.append(click.option(name, type=kind, expose_value=False, callback=_keep, help=words))
    for option in reversed(options):
        command = option(command)
    return command


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    ctx.meta.setdefault(__name__, {})[param.opts[0]] = value


def control_of(ctx: click.Context) -> Control | None:
    """Return the change that the options ask for, or None.

    Raises:
        click.UsageError: they ask for several changes, or an option does not go with the change.
    """
    given: Mapping[str, Any] = ctx.meta[__name__]
    changes = [(name, each) for name in _CHANGES for each in given[name]]
    settings = {name: value for name in _SETTINGS if (value := given[name]) is not None}
    if len(changes) > 1:
        names = " and ".join(name for name, _ in changes)
        raise click.UsageError(f"{names} are two changes; give one of them, then the other", ctx)
    option = changes[0][0] if changes else None
    for name in settings:
        takes = _SETTINGS[name][0]
        if option not in takes:
            raise click.UsageError(f"{name} goes with {' or '.join(takes)}", ctx)
    if option is None:
        return None
    control = Control(option, "" if changes[0][1] is True else changes[0][1], settings)
    _check_usage(ctx, control)
    return control


def _check_usage(ctx: click.Context, control: Control) -> None:
    level = control.settings.get("--level", 0.0)
    if level != level:
        raise click.UsageError("--level takes a number from -1 to 1", ctx)
    if control.option == "--talk" and not control.value.strip():
        raise click.UsageError("--talk takes a text; --stop-talk stops one", ctx)
    if not all(is_text(each) for each in (control.value, *control.settings.values()) if isinstance(each, str)):
        raise click.UsageError(f"{control.option}: a value is not UTF-8", ctx)
    if control.option == "--dtmf" and _KEYS.fullmatch(control.value) is None:
        raise click.UsageError(f'--dtmf takes keys (0-9, *, # and p for a pause), not "{control.value}"', ctx)
    if control.file is not None and "://" in control.file:
        raise click.UsageError(f'--transfer takes an http or https address, or a file, not "{control.value}"', ctx)


def check_control(control: Control, provider: str) -> None:
    """Refuse a change that the provider does not have, or whose values are invalid.

    Raises:
        Refused: with the reason, and what to write.
    """
    if provider == "kpn" and control.file is not None:
        raise Refused("KPN takes no NCCO with a transfer; write the URL of one: --transfer https://…")
    for name in _NOT_AT[provider]:
        if name in control.settings:
            raise Refused(_not_at(provider, name, control))
    if control.option not in _PLAYS:
        return
    from ncco_lang.cli.action_check import check_action

    settings = _named(control)
    voice = settings.pop("voice_name", None)
    if voice is not None:
        _check_voice(voice)
    of_talk = {"action": "talk", "text": control.value}
    of_stream = {"action": "stream", "streamUrl": [control.value]}
    check_action(control.option, {**(of_talk if control.option == "--talk" else of_stream), **settings}, provider)


def _not_at(provider: str, name: str, control: Control) -> str:
    if provider == "kpn":
        others = " and ".join(each for each in ("--voice-name", "--loop") if control.option in _SETTINGS[each][0])
        return f"KPN has no {name} here; it has {others}"
    from ncco_lang.vocabulary.speech import legacy_voices

    voice = legacy_voices().get(control.settings[name])
    instead = "--language and --style" if voice is None else f"--language {voice['language']} --style {voice['style']}"
    return f"Vonage has no {name} here; write {instead}"


def _check_voice(name: str) -> None:
    from ncco_lang.vocabulary.phrases import did_you_mean
    from ncco_lang.vocabulary.speech import kpn_voices

    if name not in kpn_voices():
        near = did_you_mean(name, kpn_voices())
        meant = f'did you mean "{near}"?' if near else f"there are {', '.join(kpn_voices())}"
        raise Refused(f'KPN has no voice "{name}"; {meant}')


def _named(control: Control) -> dict[str, Any]:
    return {name.removeprefix("--").replace("-", "_"): value for name, value in control.settings.items()}


def change_call(provider: Provider, id: str, uuid: str, control: Control, ncco: list[Any] | None) -> None:
    """Change a call, and say so. A call that has already ended counts as hung up.

    Args:
        ncco: the actions of a transfer to a file.

    Raises:
        AnswerIsNo: the call is over, or it has not been answered.
        ApiError: the provider or the network refused.
    """
    from ncco_lang.api.errors import ApiError

    done = _CHANGES[control.option].done
    try:
        _send(provider, id, uuid, control, ncco)
    except ApiError as failed:
        if _explained(provider, id, uuid, control, failed):
            emit(f"the call {uuid} had ended already\n", err=True)
            return
        raise
    emit(f"{done}: the call {uuid}\n", err=True)


def _send(provider: Provider, id: str, uuid: str, control: Control, ncco: list[Any] | None) -> None:
    match control.option:
        case "--hang-up":
            provider.hang_up(id, uuid)
        case "--talk":
            provider.play_talk(id, uuid, control.value, **_named(control))
        case "--stop-talk":
            provider.stop_talk(id, uuid)
        case "--stream":
            provider.play_stream(id, uuid, control.value, **_named(control))
        case "--stop-stream":
            provider.stop_stream(id, uuid)
        case "--dtmf":
            provider.send_dtmf(id, uuid, control.value)
        case "--mute" | "--unmute":
            provider.mute(id, uuid, control.option == "--mute")
        case "--earmuff" | "--unearmuff":
            provider.earmuff(id, uuid, control.option == "--earmuff")
        case _:
            provider.transfer(id, uuid, url=control.value if ncco is None else None, ncco=ncco)


def _explained(provider: Provider, id: str, uuid: str, control: Control, failed: ApiError) -> bool:
    """Return whether a refused hang-up is done, because the call is over.

    Raises:
        AnswerIsNo: another change is refused because the call is over, or has not been answered.
    """
    from ncco_lang.api.errors import ApiError
    from ncco_lang.api.statuses import has_ended, meaning_of, was_answered

    try:
        call = provider.read_call(id, uuid)
    except ApiError:
        return False
    if has_ended(call):
        if control.option == "--hang-up":
            return True
        raise AnswerIsNo(f"the call {uuid} is over, so nothing can be changed ({call.status})") from failed
    if control.option != "--hang-up" and failed.status in (400, 404, 409) and not was_answered(call):
        words = meaning_of(call.status or "started").words
        raise AnswerIsNo(f"the call {uuid} is not answered yet ({words}); try again when it is") from failed
    return False
