"""Gather what a run wants of each application: from the settings and flows, a version of the history, or a plan file."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from ncco_lang.deploy.deploy_run import Run
from ncco_lang.deploy.desired import EVENT_TIMEOUT, build, has_fallback_url, mark_for, settings_of
from ncco_lang.deploy.errors import PlanError
from ncco_lang.deploy.fingerprint import is_document
from ncco_lang.deploy.plan import Wanted
from ncco_lang.deploy.profile_paths import ProfilePaths
from ncco_lang.deploy.requirements import check_requirements
from ncco_lang.deploy.serving import event_timeout, fallback_content, is_pinned, served_flow
from ncco_lang.deploy.state import Release, ServedFlow
from ncco_lang.workspace.errors import SettingsError
from ncco_lang.workspace.secrets import read_secret

if TYPE_CHECKING:
    from ncco_lang.deploy.documents import CompiledFlows
    from ncco_lang.deploy.plan_file import PlanFile
    from ncco_lang.serve.addresses import WebhookUrls


def wanted_now(run: Run, compiled: CompiledFlows, replaced: Collection[str]) -> dict[str, Wanted]:
    """Return what the settings and the compiled flows want, by key.

    Raises:
        WorkspaceError: the serve key cannot be read or made.
    """
    target, state = run.paths.target, run.state
    wanted = {}
    for key in compiled.keys:
        application = target.applications[key]
        settings = settings_of(application)
        mark = mark_for(key, state, replaced, draw_mark)
        bundle = compiled.bundles.get(key)
        if bundle is None:
            content = compiled.documents[key]
        else:
            content = fallback_content(bundle) if has_fallback_url(target, settings) else b""
        wanted[key] = build(
            target,
            key,
            settings,
            content,
            application.numbers,
            mark=mark,
            state=state,
            reference=reference_key(run.paths, key),
            served=None if bundle is None else served_flow(bundle),
            webhooks=None if bundle is None else run.serving.webhooks(key, mark),
            event_timeout=EVENT_TIMEOUT if bundle is None else event_timeout(bundle),
        )
    return wanted


def wanted_then(run: Run, releases: Mapping[str, Release]) -> dict[str, Wanted]:
    """Return what a version of the history had, by key. Calls of a flow that branches begin with that very version of it.

    Raises:
        SettingsError: one of its documents is no longer in the store, or settings are missing.
        WorkspaceError: the serve key cannot be read or made.
    """
    _check_requirements(run, {key: release.bundle is not None for key, release in releases.items()})
    wanted = {}
    for key, release in releases.items():
        content = run.store.get(release.document) if release.document else b""
        if content is None or (release.document and not is_document(release.document, content)):
            raise SettingsError(
                f"the document {release.document} of {key} is not in the store any more{' as it was' if content else ''}, "
                "so this version cannot be put back; nothing was done. Put the flow back as it was (from version "
                "control) and deploy it"
            )
        mark = mark_for(key, run.state, (), draw_mark)
        served = None if release.bundle is None else run.serving.held(key, release.bundle)
        wanted[key] = build(
            run.paths.target,
            key,
            release.settings,
            content,
            release.numbers,
            mark=mark,
            state=run.state,
            reference=reference_key(run.paths, key),
            served=served,
            webhooks=_webhooks(run, key, mark, served, is_pinned=True),
            is_pinned=served is not None,
        )
    return wanted


def wanted_by(run: Run, file: PlanFile) -> dict[str, Wanted]:
    """Return what a plan file wants, by key. URLs come from the settings, so a plan file cannot change them.

    Raises:
        PlanError: it gives an application the mark of another, so that recovery would find the wrong one.
        SettingsError: settings are missing.
        WorkspaceError: the serve key cannot be read or made.
    """
    _check_requirements(run, {key: planned.served is not None for key, planned in file.wanted.items()})
    target = run.paths.target
    wanted = {}
    whose = {each.mark: key for key, each in run.state.applications.items()} | {
        mark: key for key, mark in run.state.begun.items()
    }
    for key, planned in file.wanted.items():
        if whose.setdefault(planned.mark, key) != key:
            raise PlanError(f"the plan gives {key} the mark of {whose[planned.mark]}; somebody changed it")
        wanted[key] = build(
            target,
            key,
            planned.settings,
            planned.content or b"",
            planned.numbers,
            mark=planned.mark,
            state=run.state,
            reference=reference_key(run.paths, key),
            document=planned.document,
            served=planned.served,
            webhooks=_webhooks(run, key, planned.mark, planned.served, is_pinned=planned.is_pinned),
            is_pinned=planned.is_pinned,
        )
    return {**wanted, **_staying(run, file, wanted)}


def _staying(run: Run, file: PlanFile, wanted: Collection[str]) -> dict[str, Wanted]:
    """Return, unchanged, the applications for which a plan file only removes a replaced or surplus one."""
    staying = {}
    for key in file.keys.difference(wanted):
        deployed = run.state.applications.get(key)
        going = {change.get("id") for change in file.changes if change["key"] == key}
        if deployed is not None and going.isdisjoint((None, deployed.id)):
            pinned = is_pinned(deployed.settings.answer_url, deployed.served)
            staying[key] = build(
                run.paths.target,
                key,
                deployed.settings,
                b"",
                deployed.numbers,
                mark=deployed.mark,
                state=run.state,
                reference=reference_key(run.paths, key),
                document=deployed.document,
                served=deployed.served,
                webhooks=_webhooks(run, key, deployed.mark, deployed.served, is_pinned=pinned),
                is_pinned=pinned,
            )
    return staying


def _webhooks(run: Run, key: str, mark: str, served: ServedFlow | None, *, is_pinned: bool) -> WebhookUrls | None:
    if served is None:
        return None
    return run.serving.webhooks(key, mark, served.version if is_pinned else "")


def _check_requirements(run: Run, branches: Mapping[str, bool]) -> None:
    stored = [key for key, is_served in branches.items() if not is_served]
    check_requirements(run.paths.target, stored, branches.keys() - stored)


def reference_key(paths: ProfilePaths, key: str) -> str | None:
    """Return the public half of the private key that the profile names for an application; None if it names none.

    Raises:
        SettingsError: the file is missing, or is not a private key.
    """
    application = paths.target.applications.get(key)
    if application is None or application.private_key is None or paths.target.provider != "vonage":
        return None
    from ncco_lang.tokens.keys import public_of

    private = read_secret(application.private_key, paths.project.folder)
    try:
        return public_of(private)
    except ValueError as failed:
        raise SettingsError(f"private_key of {key} ({application.private_key}): {failed}") from failed


def draw_mark() -> str:
    """Return a new random mark: 16 hex digits."""
    return secrets.token_hex(8)
