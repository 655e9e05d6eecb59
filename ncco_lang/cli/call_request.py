"""Build the request of `ncco call`: the callee, the caller's number and the NCCO."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from ncco_lang.api.provider import Provider
from ncco_lang.api.types import Endpoint, NewCall, Settings
from ncco_lang.cli.console import Refused, emit, emit_findings
from ncco_lang.cli.provider_command import Chosen
from ncco_lang.cli.render import visible

if TYPE_CHECKING:
    from ncco_lang.project.params import Given
    from ncco_lang.project.targets import AppTarget

_SIP = re.compile(r"sips?:\S+", re.IGNORECASE)
_BEEP = {"behavior": "continue", "mode": "detect_beep"}


class CallOptions(NamedTuple):
    """The options of `ncco call`."""

    to: str
    sender: str | None
    flow: str | None
    detect: Literal["continue", "hangup", "beep"] | None
    params: Mapping[str, Given]
    base_url: str | None
    force: bool
    no_check: bool = False


def read_callee(text: str, *, force: bool) -> Endpoint:
    """Return the endpoint to call: a telephone number in any form that the language reads, or a SIP URI.

    Raises:
        Refused: the text is neither, or it is a premium-rate or emergency number without `force`.
    """
    from ncco_lang.values.phone import costly_kind, e164_digits

    if _SIP.fullmatch(text.strip()):
        return Endpoint(type="sip", address=text.strip())
    kind = costly_kind(text)
    if kind is not None and not force:
        why = "a test call takes up a line that somebody in need may want" if kind == "emergency" else "it costs extra"
        article = "an" if kind == "emergency" else "a"
        raise Refused(f'"{text}" is {article} {kind} number, and {why}; when that is what you want, say --force')
    digits = e164_digits(text)
    if digits is None and kind == "emergency":
        digits = re.sub(r"\D", "", text)
    if digits is None:
        raise Refused(f'"{text}" is no number to ring: {_number_hint(text)}, or a SIP address: sip:desk@example.com')
    return Endpoint(type="phone", address=digits)


def _number_hint(text: str) -> str:
    from ncco_lang.values.phone import is_national

    if is_national(text):
        rest = re.sub(r"\D", "", text).removeprefix("0")
        return f"it has no country code; write it with one, in the Netherlands +31{rest}"
    return 'write it with its country code, like "+31 20 123 4567"'


def read_sender(text: str) -> str:
    """Return the digits of the caller's number, which the callee sees.

    Raises:
        Refused: the text is not a telephone number.
    """
    from ncco_lang.values.phone import e164_digits

    digits = e164_digits(text)
    if digits is None:
        raise Refused(f'--from takes a number of your account, and "{text}" is none: {_number_hint(text)}')
    return digits


def make_call(options: CallOptions, chosen: Chosen, app: AppTarget) -> NewCall:
    """Return the call without its NCCO; no request is sent.

    Raises:
        Refused: the provider does not support an option, or the caller's number is missing.
    """
    to = read_callee(options.to, force=options.force)
    is_kpn = chosen.target.provider == "kpn"
    if options.detect == "beep" and is_kpn:
        raise Refused("KPN does not wait for the beep of a machine; --detect continue or --detect hangup are there")
    sender = read_sender(options.sender) if options.sender is not None else next(iter(app.numbers), None)
    if sender is None and is_kpn:
        name = f"profiles.{chosen.target.profile.name}.applications.{app.key}"
        raise Refused(f"KPN wants to know from which number: say --from, or write numbers = […] in [{name}]")
    return NewCall(
        to=to,
        from_number=sender,
        random_from_number=sender is None,
        machine_detection=options.detect if options.detect != "beep" else None,
        advanced_machine_detection=_BEEP if options.detect == "beep" else None,
    )


def compile_flow(options: CallOptions, chosen: Chosen, app: AppTarget) -> bytes | None:
    """Compile the flow with the params of the profile and the application.

    Prints findings on standard error. Returns None if one of them is an error.

    Raises:
        InputError: the flow cannot be read, or the environment lacks a variable that the profile needs.
        Refused: the flow is `-`, standard input.
    """
    from ncco_lang.deploy.documents import compile_applications

    assert options.flow is not None
    if options.flow == "-":
        raise Refused("--flow takes a file, not standard input; write the flow into a file first")
    project, target = chosen
    profile = target.profile
    if options.base_url is not None:
        profile = replace(profile, base_url=options.base_url)
        profiles = {**project.config.profiles, profile.name: profile}
        project = project._replace(config=replace(project.config, profiles=profiles))
    app = replace(app, flow=str(Path(options.flow).absolute()))
    target = replace(target, profile=profile, applications={app.key: app})
    compiled = compile_applications(project, target, [app.key], options.params, typed=options.flow)
    for findings in compiled.findings:
        emit_findings(findings, err=True)
    return None if compiled.has_errors else compiled.documents[app.key]


def upload_flow(document: bytes, chosen: Chosen, app: AppTarget) -> str:
    """Upload an NCCO and check that its public address returns it; return its name in the store.

    Each name is unique, so deleting the document does not affect what is deployed.

    Raises:
        Refused: the profile has no documents store or URL.
        StoreError: the store refused the document.
        NotReady: the public address does not return the document.
    """
    from ncco_lang.deploy.fingerprint import call_document_name
    from ncco_lang.deploy.open_provider import ca_of
    from ncco_lang.deploy.verify_published import PublishedVerifier
    from ncco_lang.store.documents import Documents

    target = chosen.target
    if not target.store or not target.documents_url:
        name = f"profiles.{target.profile.name}.documents"
        raise Refused(f"KPN fetches what a call says, so [{name}] has to say where it goes: store and url")
    deployed = chosen.state().applications[app.key]
    name = call_document_name(deployed.mark, secrets.token_hex(8))
    Documents(target.store, chosen.project.folder).put(name, document)
    looker = PublishedVerifier(
        ca=ca_of(target, chosen.project.folder), sleep=time.sleep, emulator=target.address if target.emulator else None
    )
    try:
        looker.look(address_of_document(name, chosen), document, deployed.settings)
    except BaseException:
        take_away(name, chosen)
        raise
    finally:
        looker.close()
    return name


def take_away(name: str, chosen: Chosen) -> None:
    """Delete the document that `upload_flow` uploaded; a failure is reported and has no other effect."""
    from ncco_lang.store.documents import Documents
    from ncco_lang.store.errors import StoreError

    try:
        Documents(chosen.target.store, chosen.project.folder).delete(name)
    except StoreError as failed:
        emit(f"ncco: {visible(str(failed))}\n", err=True)


def address_of_document(name: str, chosen: Chosen) -> str:
    """Return the URL at which the provider reads a document."""
    return f"{chosen.target.documents_url.rstrip('/')}/{name}"


def with_answer_of(
    call: NewCall, provider: Provider, id: str, app: AppTarget, chosen: Chosen, *, checking: bool
) -> NewCall:
    """Return the call with the application's deployed answer URL.

    Args:
        checking: whether to fetch the answer URL first and warn if it returns no NCCO.

    Raises:
        Refused: the application has no answer URL.
        ApiError: the application cannot be read.
    """
    from ncco_lang.api.errors import NotFound

    try:
        settings = provider.read_application(id).settings
    except NotFound as failed:
        failed.advise("ncco deploy makes it again")
        raise
    if settings.answer_url is None:
        raise Refused(f'the application "{app.key}" has no answer URL at the provider; set it with: ncco deploy')
    if checking:
        _check_answer(settings, chosen, app)
    return replace(call, answer_url=settings.answer_url, answer_method=settings.answer_method)


def _check_answer(settings: Settings, chosen: Chosen, app: AppTarget) -> None:
    """Warn if the answer URL does not return an NCCO; a URL that `ncco deploy` did not set is not checked."""
    from ncco_lang.deploy.open_provider import ca_of
    from ncco_lang.deploy.verify_published import PublishedVerifier

    deployed = chosen.state().applications.get(app.key)
    url = settings.answer_url
    if deployed is None or url is None or url != deployed.settings.answer_url:
        return
    looker = PublishedVerifier(ca=ca_of(chosen.target, chosen.project.folder), sleep=time.sleep)
    try:
        why = looker.glance(url, settings)
    finally:
        looker.close()
    if why:
        words = f"the call will have no NCCO: its answer URL {url} {why}; ncco deploy puts it right, --no-check skips this look"
        emit(f"ncco: warning: {visible(words)}\n", err=True)
