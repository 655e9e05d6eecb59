"""Check the deploying half of a profile for what the schema of `ncco.toml` cannot express.

`targets.read_target` checks that it is complete, when the profile is deployed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ncco_lang.diagnostics import Path
from ncco_lang.project import setting_facts as facts
from ncco_lang.project.profiles import KEY_NAME, Wrong, check_params
from ncco_lang.resources import load_json_resource
from ncco_lang.values.phone import e164_digits

TITLES = {"vonage": "Vonage", "kpn": "KPN"}
"""The names of the providers in messages."""

# Without urllib.parse and ipaddress: every check of a project with an emulator would have to import them.
_ADDRESS = re.compile(r"https?://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:/]+)(?::(?P<port>[0-9]{1,5}))?(?:/.*)?")
_HERE = re.compile(r"localhost|127(\.[0-9]{1,3}){3}|\[::1\]")
_LAST_PORT = 65535
_SCHEMA = "schemas/ncco-toml.schema.json"


def check_target(name: str, profile: Mapping[str, Any]) -> Iterator[Wrong]:
    """Yield what is wrong with a profile's credentials, applications and API settings.

    Args:
        name: the profile's name.
        profile: its table; the schema may have found parts of it wrong already.
    """
    path: Path = ("profiles", name)
    provider = profile.get("provider")
    credentials, api = profile.get("credentials"), profile.get("api")
    yield from _check_provider((*path, "credentials"), credentials, "credentials", provider)
    if isinstance(api, dict):
        yield from _check_api((*path, "api"), api, has_credentials=bool(credentials))
    applications = profile.get("applications")
    seen: dict[str, str] = {}
    for key, application in applications.items() if isinstance(applications, dict) else ():
        here = (*path, "applications", key)
        if KEY_NAME.fullmatch(key) is None:
            characters = "letters, digits, - and _ (the setting name is free)"
            yield Wrong(here, facts.BadName(name=key, what="an application", characters=characters))
        if isinstance(application, dict):
            yield from _check_provider(here, application, "application", provider)
            yield from _check_numbers(here, key, application.get("numbers"), seen)
            yield from check_params((*here, "params"), application.get("params"))


def _check_provider(path: Path, table: Any, definition: str, provider: Any) -> Iterator[Wrong]:
    """Yield the settings that only another provider has."""
    if not isinstance(table, dict) or not isinstance(provider, str) or provider not in TITLES:
        return
    properties = load_json_resource(_SCHEMA)["definitions"][definition]["properties"]
    for setting in table:
        owner = properties.get(setting, {}).get("x-provider", provider)
        if owner != provider:
            others = facts.OtherProviders(setting=setting, owner=TITLES[owner], provider=TITLES[provider])
            yield Wrong((*path, setting), others)


def _check_numbers(path: Path, key: str, numbers: Any, seen: dict[str, str]) -> Iterator[Wrong]:
    """Check that numbers are in international form, each with one application. `seen` is number → key, and grows."""
    for index, number in enumerate(numbers if isinstance(numbers, list) else ()):
        if not isinstance(number, str):
            continue
        here = (*path, "numbers", index)
        digits = e164_digits(number)
        if digits is None:
            yield Wrong(here, facts.NationalNumber(number=number))
        elif digits in seen:
            other = None if seen[digits] == key else seen[digits]
            yield Wrong(here, facts.NumberTwice(number=number, other=other))
        else:
            seen[digits] = key


def _check_api(path: Path, api: Mapping[str, Any], *, has_credentials: bool) -> Iterator[Wrong]:
    for setting in ("emulator", "address"):
        address = api.get(setting)
        if not isinstance(address, str) or "@" in address or not address.startswith(("http:", "https:")):
            # The schema refuses other addresses, and passwords, in words that show no password.
            continue
        host = _host(address)
        if host is None:
            yield Wrong((*path, setting), facts.NoHost(setting=setting, address=address))
        elif address.startswith("http:") and _HERE.fullmatch(host) is None:
            yield Wrong((*path, setting), facts.PlainAddress(setting=setting))
    if "emulator" in api and "address" in api:
        yield Wrong((*path, "address"), facts.AddressTwice())
    if "emulator" in api and has_credentials:
        yield Wrong((*path[:-1], "credentials"), facts.RealCredentials())


def _host(address: str) -> str | None:
    """Return the host of an address; None if it has no host or an invalid port."""
    parts = _ADDRESS.fullmatch(address)
    return None if parts is None or int(parts["port"] or 1) > _LAST_PORT else parts["host"].lower()
