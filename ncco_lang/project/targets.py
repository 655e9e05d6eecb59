"""Build the deploying half of a profile from TOML. No files and no environment: secrets stay references.

`parse_config` and `target_checks` have validated the table; this module checks that it has all that deploying needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ncco_lang.diagnostics import Diagnostic, Path
from ncco_lang.project import setting_facts as facts
from ncco_lang.project.config import find_setting, invalid_setting
from ncco_lang.project.params import variables_of
from ncco_lang.project.profiles import Profile, TomlValue, Wrong
from ncco_lang.project.target_checks import TITLES
from ncco_lang.source import Span
from ncco_lang.values.phone import e164_digits, number_verdict

CREDENTIALS: Mapping[str, tuple[str, ...]] = {
    "vonage": ("api_key", "api_secret"),
    "kpn": ("client_id", "client_secret"),
}
"""The credentials that each provider requires."""

DEFAULT_KEYS = ".ncco/keys"
"""The default folder of private keys, relative to the folder of `ncco.toml`."""

_ADDRESSES = ("event_url", "fallback_url")
_OURS = frozenset({"flow", "name", "numbers", "params", "private_key"})
_CONNECT, _READ = 5000, 30000


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a secret: the name of a variable or the path of a file; never the secret itself."""

    kind: Literal["env", "file"]
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppTarget:
    """One `[profiles.P.applications.KEY]`.

    Attributes:
        key: its key in the state.
        flow: the flow's path, from the folder of `ncco.toml`.
        name: the name at the provider.
        numbers: E.164 digits.
        settings: the other settings for the provider, by the names of `api.types.Settings`; addresses are absolute.
        params: values that override those of the profile; see `with_params`.
        private_key: where the key is kept, if not in the folder of keys.
        span: the place of its key in `ncco.toml`.
    """

    key: str
    flow: str
    name: str
    span: Span
    numbers: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, TomlValue] = field(default_factory=dict)
    private_key: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a profile deploys to. Paths are relative to the folder of `ncco.toml`.

    Attributes:
        provider: `vonage` or `kpn`.
        credentials: their names in `ncco.toml` → the reference of each; empty for the emulator.
        store: a folder, or an address for fsspec; empty if the profile has no documents.
        documents_url: the address at which the store can be read, without a trailing slash.
        address: another host than the provider's own, without a trailing slash.
        ca: a file of certificates.
        emulator: whether `address` is that of an emulator, which has fixed credentials.
        connect, read: timeouts in seconds.
        state, keys: a file and a folder.
    """

    profile: Profile
    provider: str
    credentials: Mapping[str, Reference]
    store: str
    documents_url: str
    applications: Mapping[str, AppTarget]
    address: str | None
    ca: str | None
    emulator: bool
    connect: float
    read: float
    state: str
    keys: str

    @property
    def uploads_calls(self) -> bool:
        """Whether the NCCO of an outgoing call goes into the store: calls carry no NCCO at this provider."""
        return self.provider == "kpn"

    def reading_environment(self, keys: Iterable[str]) -> list[str]:
        """Return those of some applications whose params, or the profile's, come from the environment."""
        reads = {
            key: any(variables_of(setting.value) for setting in with_params(self.profile, application).params.values())
            for key, application in self.applications.items()
        }
        of_profile = any(variables_of(setting.value) for setting in self.profile.params.values())
        return [key for key in keys if reads.get(key, of_profile)]


def read_target(profile: Profile, *, deploying: bool = True) -> tuple[Target | None, list[Diagnostic]]:
    """Read the deploying half of a profile.

    Args:
        profile: a profile of a `Config`, so each of its settings is valid.
        deploying: whether documents and applications are required; requests to the provider alone do not need them. With
            a base URL, `deploy/requirements.py` checks documents and event URLs when it knows which flows branch.

    Returns:
        the target and no findings, or None and a finding for each missing setting, with its place.
    """
    wrong = [*_lacking_account(profile), *_lacking_documents(profile, deploying), *_wrong_applications(profile)]
    if wrong:
        path: Path = ("profiles", profile.name)
        return None, [invalid_setting(profile.source, (*path, *each.path), each.facts) for each in wrong]
    table = profile.table
    documents, api = table.get("documents", {}), table.get("api", {})
    address = api.get("emulator", api.get("address"))
    target = Target(
        profile=profile,
        provider=str(profile.provider),
        credentials={name: read_reference(text) for name, text in table.get("credentials", {}).items()},
        store=documents.get("store", ""),
        documents_url=documents.get("url", "").rstrip("/"),
        applications=read_applications(profile),
        address=None if address is None else address.rstrip("/"),
        ca=api.get("ca"),
        emulator="emulator" in api,
        connect=api.get("connect_timeout", _CONNECT) / 1000,
        read=api.get("read_timeout", _READ) / 1000,
        state=table.get("state", default_state(profile.name)),
        keys=table.get("keys", DEFAULT_KEYS),
    )
    return target, []


def read_applications(profile: Profile) -> dict[str, AppTarget]:
    """Return the applications of a profile by their keys; what only deploying needs may be missing."""
    return {key: _application(profile, key, entry) for key, entry in profile.table.get("applications", {}).items()}


def default_state(profile: str) -> str:
    """Return the default path of a profile's state, relative to the folder of `ncco.toml`."""
    return f".ncco/{profile}.state.json"


def read_reference(text: str) -> Reference:
    """Parse `env:NAME` or `file:PATH`, which the schema has validated."""
    kind, _, name = text.partition(":")
    return Reference("env" if kind == "env" else "file", name)


def with_params(profile: Profile, application: AppTarget) -> Profile:
    """Return the profile for one application: its own params override the profile's."""
    return replace(profile, params={**profile.params, **application.params})


def _lacking_account(profile: Profile) -> Iterator[Wrong]:
    """Yield what is missing of the provider and its credentials. Paths begin below the profile."""
    name, table = profile.name, profile.table
    if profile.provider is None:
        yield Wrong(("provider",), facts.NoProvider(profile=name))
        return
    has = table.get("credentials", {})
    missing = [key for key in CREDENTIALS[profile.provider] if key not in has]
    if missing and "emulator" not in table.get("api", {}):
        variables = {key: f"{profile.provider}_{key}".upper() for key in missing}
        lines = " and ".join(f'{key} = "env:{variables[key]}"' for key in missing)
        title = TITLES[profile.provider]
        lacking = facts.LacksCredentials(profile=name, missing=tuple(missing), provider=title, _lines=lines)
        yield Wrong(("credentials",), lacking)


def _lacking_documents(profile: Profile, deploying: bool) -> Iterator[Wrong]:
    name, table = profile.name, profile.table
    if deploying and "documents" not in table and profile.base_url is None:
        yield Wrong(("documents",), facts.NoDocuments(profile=name))
    if deploying and not table.get("applications"):
        yield Wrong(("applications",), facts.NoApplications(profile=name))


def _wrong_applications(profile: Profile) -> Iterator[Wrong]:
    for key, entry in profile.table.get("applications", {}).items():
        path: Path = ("applications", key)
        if profile.provider == "kpn" and "event_url" not in entry and profile.base_url is None:
            yield Wrong(path, facts.NoEventUrl(application=key))
        for setting in _ADDRESSES:
            if profile.base_url is None and entry.get(setting, "").startswith("/"):
                yield Wrong((*path, setting), facts.NoBaseUrl(setting=setting, profile=profile.name))
        for index, number in enumerate(entry.get("numbers", ())):
            if number_verdict(e164_digits(number) or "") == "impossible":
                yield Wrong((*path, "numbers", index), facts.ImpossibleSettingNumber(number=number))


def _whole(value: Any) -> Any:
    """Return a float as an integer: TOML may have 5.0 where the schema requires an integer."""
    return int(value) if isinstance(value, float) else value


def _application(profile: Profile, key: str, entry: Mapping[str, Any]) -> AppTarget:
    path: Path = ("profiles", profile.name, "applications", key)
    base = (profile.base_url or "").rstrip("/")
    settings = {name: _whole(value) for name, value in entry.items() if name not in _OURS}
    settings |= {name: base + settings[name] for name in _ADDRESSES if settings.get(name, "").startswith("/")}
    return AppTarget(
        key=key,
        flow=entry["flow"],
        name=entry.get("name", key),
        span=find_setting(profile.source, path),
        numbers=tuple(e164_digits(number) or "" for number in entry.get("numbers", ())),
        settings=settings,
        params={
            name: TomlValue(value, find_setting(profile.source, (*path, "params", name)))
            for name, value in entry.get("params", {}).items()
        },
        private_key=read_reference(entry["private_key"]) if "private_key" in entry else None,
    )
