"""What a deploy needs of the server that answers for flows that branch: its webhooks, and the versions that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ncco_lang.deploy.desired import EVENT_TIMEOUT
from ncco_lang.deploy.plan import Wanted
from ncco_lang.deploy.state import ServedFlow
from ncco_lang.deploy.step_digests import step_digests
from ncco_lang.project.targets import Target

if TYPE_CHECKING:
    from ncco_lang.bundler import Bundled
    from ncco_lang.deploy.profile_paths import ProfilePaths
    from ncco_lang.serve.addresses import WebhookUrls
    from ncco_lang.tokens.sealed import TokenKey


def served_flow(product: Bundled) -> ServedFlow:
    """Return what the state keeps of a flow that branches."""
    return ServedFlow(version=product.bundle.version, steps=step_digests(product.bundle))


def event_timeout(product: Bundled) -> int:
    """Return the milliseconds that the provider waits for an event: the longest lookups of one, and a second more."""
    from ncco_lang.blocks.waiting import longest_wait

    lookups = longest_wait(product.bundle.graph, product.bundle.joins)
    return max(EVENT_TIMEOUT, round(lookups * 1000) + 1000)


def fallback_content(product: Bundled) -> bytes:
    """Return the document for callers when the server does not answer; empty if the flow has no such route."""
    from ncco_lang.ncco.emit import render_ncco

    route = product.fallback()
    return render_ncco(route).encode("utf-8") if route else b""


def fallback_note(target: Target, wanted: Wanted, product: Bundled) -> str | None:
    """Return what callers of a flow that branches hear when the server does not answer, unless it is all as it can be."""
    route = product.fallback()
    if product.bundle.rescue is None:
        return (
            f"{wanted.key}: the flow has no fallback route, so callers hear one sentence when the server does not answer, and "
            "the call ends. Declare one in the flow: fallback STEP"
        )
    if wanted.settings.fallback_url:
        return None
    why = "the profile has no [documents]" if target.provider == "vonage" else "this provider has none"
    heard = ", ".join(str(action.get("action")) for action in route)
    return (
        f"{wanted.key} gets no fallback URL, because {why}. When the server does not answer, callers in a call hear the tail "
        f"({heard}), and calls that begin fail"
    )


def is_pinned(answer_url: str | None, served: ServedFlow | None) -> bool:
    """Return whether calls begin with that very version of a flow, because the answer URL has it."""
    return served is not None and (answer_url or "").endswith(f"/{served.version[:_SHORT]}/answer")


_SHORT, _FOLDER = 12, ".ncco/serve"
"""Digits of a version in an answer URL, and the default folder of the server (`serve/service.py`)."""


class Serving:
    """The server of a profile. The serve key is read when the first flow needs it, and made if there is none.

    Attributes:
        new_key: the path of the key that was made; None if there was one.
    """

    __slots__ = ("_key", "_paths", "new_key")

    def __init__(self, paths: ProfilePaths) -> None:
        self._paths = paths
        self._key: TokenKey | None = None
        self.new_key: Path | None = None

    def webhooks(self, application: str, mark: str, version: str = "") -> WebhookUrls:
        """Return the webhooks of an application.

        Args:
            application: its key in the settings.
            version: that of the bundle that calls begin with; empty for the newest one.

        Raises:
            WorkspaceError: the serve key cannot be read or made.
        """
        from ncco_lang.serve.addresses import webhook_urls

        base_url = self._paths.target.profile.base_url
        assert base_url is not None, "requirements.py checks it"
        return webhook_urls(base_url, self._serve_key(), application, mark=mark, version=version)

    def held(self, application: str, version: str) -> ServedFlow:
        """Return a version of a flow; its steps are known if the server runs in this folder and still holds it."""
        from ncco_lang.bundle_json import BundleError, load_bundle
        from ncco_lang.workspace.regular import read_file

        path = self._folder / "bundles" / application / f"{version[:_SHORT]}.json"
        try:
            bundle = load_bundle(read_file(path).decode("utf-8"))
        except (OSError, UnicodeDecodeError, BundleError):
            return ServedFlow(version=version)
        return ServedFlow(version=version, steps=step_digests(bundle) if bundle.version == version else {})

    @property
    def _settings(self) -> Mapping[str, str]:
        return self._paths.project.config.serve

    @property
    def _folder(self) -> Path:
        return Path(self._paths.project.folder, self._settings.get("folder", _FOLDER))

    def _serve_key(self) -> TokenKey:
        from ncco_lang.project.targets import read_reference
        from ncco_lang.serve.keys import KEY_FILE, make_serve_folder, read_keys, will_make_key

        if self._key is None:
            reference = read_reference(self._settings["key"]) if "key" in self._settings else None
            if reference is None:
                make_serve_folder(self._folder)
            if will_make_key(reference, self._folder):
                self.new_key = self._folder / KEY_FILE
            self._key = read_keys(reference, self._paths.project.folder, self._folder)[0]
        return self._key
