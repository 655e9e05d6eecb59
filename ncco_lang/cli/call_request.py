"""Build the request of `ncco call`: the callee, the caller's number and the NCCO."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ncco_lang.api.provider import Provider
from ncco_lang.api.types import Endpoint, NewCall, Settings
from ncco_lang.cli.call_endpoints import check_callee, read_callee, read_sender
from ncco_lang.cli.call_options import LONGEST_AT_KPN, CallOptions
from ncco_lang.cli.console import Refused, emit, emit_findings
from ncco_lang.cli.provider_command import Chosen
from ncco_lang.cli.render import visible

if TYPE_CHECKING:
    from ncco_lang.project.params import Given
    from ncco_lang.project.targets import AppTarget

BEEP_DOCUMENTED = 45
"""Seconds from which all descriptions allow a beep time-out (conflicts.md A2)."""


def make_call(options: CallOptions, chosen: Chosen, app: AppTarget) -> NewCall:
    """Return the call without its NCCO; no request is sent.

    Raises:
        Refused: an option is invalid, the provider does not support it, or the caller's number is missing.
    """
    text = options.number
    to = read_callee(text, force=options.force, headers=options.headers, content_type=options.content_type)
    provider = chosen.target.provider
    if provider == "kpn":
        _check_kpn(options, to)
    check_callee(to, text, provider)
    sender = None
    if options.sender is not None:
        if options.random_from:
            raise Refused("--from and --random-from contradict each other; give one of them")
        sender = read_sender(options.sender)
    elif not options.random_from:
        sender = next(iter(app.numbers), None)
    if sender is None and provider == "kpn":
        name = f"profiles.{chosen.target.profile.name}.applications.{app.key}"
        raise Refused(f"KPN wants to know from which number: say --from, or write numbers = […] in [{name}]")
    return NewCall(
        to=to,
        from_number=sender,
        random_from_number=sender is None,
        length_timer=options.length_timer,
        ringing_timer=options.ringing_timer,
        **_detection(options),
    )


def _check_kpn(options: CallOptions, to: Endpoint) -> None:
    """Refuse what KPN does not have (voice-api.md B5)."""
    if options.detect == "beep":
        raise Refused("KPN does not wait for the beep of a machine; --detect continue or --detect hangup are there")
    given = {
        "--detect-mode": options.detect_mode,
        "--beep-timeout": options.beep_timeout,
        "--random-from": options.random_from or None,
        "--header": options.headers if to.type == "sip" and options.headers else None,
    }
    for name, value in given.items():
        if value is not None:
            raise Refused(
                f"KPN has no {name}" + (" for a SIP address" if name == "--header" else "") + "; leave it out"
            )
    if options.length_timer is not None and options.length_timer > LONGEST_AT_KPN:
        raise Refused(f"--length-timer is at most {LONGEST_AT_KPN} seconds at KPN")
    if options.sender is not None and not read_sender(options.sender).isdigit():
        raise Refused("--from at KPN is a number of your account, not a SIP address")


def _detection(options: CallOptions) -> dict[str, Any]:
    """Return the fields of machine detection (ncco.md 4.6); the advanced one only if an option needs it."""
    mode = options.detect_mode
    if options.detect == "beep":
        if mode not in (None, "detect_beep"):
            raise Refused(f"--detect beep is --detect-mode detect_beep, so it does not go with --detect-mode {mode}")
        mode = "detect_beep"
    if options.beep_timeout is not None:
        if mode in (None, "detect"):
            raise Refused("--beep-timeout goes with --detect beep, or with --detect-mode default or detect_beep")
        if options.beep_timeout < BEEP_DOCUMENTED:
            words = f"--beep-timeout below {BEEP_DOCUMENTED} is newer than most of the provider's pages"
            emit(f"ncco: warning: {words}\n", err=True)
    if mode is None:
        return {"machine_detection": options.detect}
    advanced = {
        "behavior": "hangup" if options.detect == "hangup" else "continue",
        "mode": mode,
        "beep_timeout": options.beep_timeout,
    }
    return {"advanced_machine_detection": {name: value for name, value in advanced.items() if value is not None}}


def compile_flow(
    flow: str, params: Mapping[str, Given], base_url: str | None, chosen: Chosen, app: AppTarget
) -> bytes | None:
    """Compile a flow with the params of the profile and the application.

    Prints findings on standard error. Returns None if one of them is an error.

    Raises:
        InputError: the flow cannot be read, or the environment lacks a variable that the profile needs.
        Refused: the flow is `-`, standard input.
    """
    from ncco_lang.deploy.documents import compile_applications

    if flow == "-":
        raise Refused("a flow is read from a file, not from standard input; write it into a file first")
    project, target = chosen
    profile = target.profile
    if base_url is not None:
        profile = replace(profile, base_url=base_url)
        profiles = {**project.config.profiles, profile.name: profile}
        project = project._replace(config=replace(project.config, profiles=profiles))
    app = replace(app, flow=str(Path(flow).absolute()))
    target = replace(target, profile=profile, applications={app.key: app})
    compiled = compile_applications(project, target, [app.key], params, typed=flow)
    for findings in compiled.findings:
        emit_findings(findings, err=True)
    if app.key in compiled.bundles:
        raise Refused(
            f"{visible(flow)} branches, so a server has to answer its calls: ncco serve, then ncco deploy and ncco call "
            "without --flow"
        )
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
        if deployed.served is None:
            why = looker.glance(url, settings)
        else:
            from ncco_lang.deploy.rehearsal import rehearsal_of

            folder = chosen.project.folder
            why, _ = rehearsal_of(chosen.target, folder, looker, settings, say=lambda _: None).ask(url, settings)
    finally:
        looker.close()
    if why:
        words = f"the call will have no NCCO: its answer URL {url} {why}; ncco deploy puts it right, --no-check skips this look"
        emit(f"ncco: warning: {visible(words)}\n", err=True)
