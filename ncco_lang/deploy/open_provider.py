"""Open the provider of a target: read the secrets, make the client, and close it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ncco_lang.api import emulated
from ncco_lang.api.errors import Unreachable
from ncco_lang.project.targets import CREDENTIALS, Reference, Target
from ncco_lang.workspace.errors import SettingsError, reason_of
from ncco_lang.workspace.regular import check_regular
from ncco_lang.workspace.secrets import exposed, read_secret

if TYPE_CHECKING:
    from ncco_lang.api.provider import Provider
    from ncco_lang.net.http_client import HttpClient

_EMULATED: Mapping[str, Mapping[str, str]] = {
    "vonage": {"api_key": emulated.API_KEY, "api_secret": emulated.API_SECRET},
    "kpn": {"client_id": emulated.CLIENT_ID, "client_secret": emulated.CLIENT_SECRET},
}
_VONAGE_HOSTS = (".nexmo.com", ".vonage.com")


@contextmanager
def connected(target: Target, folder: str, key_of: Callable[[str], str] | None = None) -> Iterator[Provider]:
    """Yield the provider of a profile, and close it afterwards.

    Args:
        target: the settings of the profile.
        folder: the folder of `ncco.toml`.
        key_of: returns the private key (PEM) of an application id, for calls at Vonage; None for `key_of_state`.

    Raises:
        SettingsError: a secret, or the file of certificates, is not where the profile says.
    """
    secrets = read_credentials(target, folder)
    from ncco_lang.net.http_client import HttpClient

    http_client = HttpClient(connect=target.connect, read=target.read, ca=_readable_ca(target, folder))
    try:
        provider = _client(target, secrets, key_of or key_of_state(target, folder), http_client)
        try:
            yield provider
        except Unreachable as failed:
            if target.emulator and failed.refused:
                failed.advise(emulated.IS_IT_RUNNING)
            raise
        finally:
            provider.close()
    finally:
        http_client.close()


def ca_of(target: Target, folder: str) -> str | None:
    """Return the path of the file of certificates that are trusted besides the usual ones, or None."""
    return None if target.ca is None else str(Path(folder) / Path(target.ca).expanduser())


def _readable_ca(target: Target, folder: str) -> str | None:
    ca = ca_of(target, folder)
    if ca is not None:
        try:
            check_regular(Path(ca).stat())
            Path(ca).open("rb").close()
        except OSError as failed:
            where = f"api.ca of [profiles.{target.profile.name}]"
            raise SettingsError(f"{where}: cannot read the certificates in {ca}: {reason_of(failed)}") from failed
    return ca


def read_credentials(target: Target, folder: str) -> dict[str, str]:
    """Return the credentials for the provider, by their names in `ncco.toml`.

    Raises:
        SettingsError: secrets are missing; the message names all of them.
    """
    if target.emulator:
        return dict(_EMULATED[target.provider])
    found: dict[str, str] = {}
    missing: list[str] = []
    for name in CREDENTIALS[target.provider]:
        try:
            found[name] = read_secret(target.credentials[name], folder)
        except SettingsError as failed:
            missing.append(f"{failed} ({name})")
    if missing:
        raise SettingsError(f'credentials of profile "{target.profile.name}": {"; ".join(missing)}')
    return found


def exposed_secrets(target: Target, folder: str) -> list[str]:
    """Return a warning for each secret in a file that every user of this machine can read."""
    keys = [each.private_key for each in target.applications.values() if each.private_key is not None]
    references = dict.fromkeys([*target.credentials.values(), *keys])
    return [warning for reference in references if (warning := exposed(reference, folder)) is not None]


def key_of_state(target: Target, folder: str) -> Callable[[str], str]:
    """Return a function from application id to private key (PEM): the profile's file, or else the one a deploy made.

    The function raises SettingsError if the state has no such application, or its key is missing.
    """

    def key_of(application_id: str) -> str:
        from ncco_lang.deploy.state_file import read_state

        deployed = read_state(str(Path(folder) / target.state), target.state).applications
        key = next((key for key, each in deployed.items() if each.id == application_id), None)
        if key is None:
            raise SettingsError(
                f"the private key of the application {application_id} is not known here: {target.state} does not name it"
            )
        application, made = target.applications.get(key), deployed[key].key_file
        if application is not None and application.private_key is not None:
            return read_secret(application.private_key, folder)
        if made is None:
            name = f"profiles.{target.profile.name}.applications.{key}"
            raise SettingsError(
                f'the private key of "{key}" was not made here; private_key in [{name}] says where it is'
            )
        try:
            return read_secret(Reference("file", str(PurePath(target.keys, made))), folder)
        except SettingsError as failed:
            raise SettingsError(
                f'{failed}. It is the private key of "{key}": put it back from where it was made, or make the application '
                f"anew with a new key: ncco deploy --replace {key} --profile {target.profile.name}"
            ) from failed

    return key_of


def _client(
    target: Target, secrets: Mapping[str, str], key_of: Callable[[str], str], http_client: HttpClient
) -> Provider:
    profile, address = target.profile.name, target.address
    if target.provider == "kpn":
        from ncco_lang.api import kpn

        return kpn.KpnClient(
            client_id=secrets["client_id"],
            client_secret=secrets["client_secret"],
            address=address or kpn.ADDRESS,
            http_client=http_client,
            profile=profile,
        )
    from ncco_lang.api import vonage

    # A region's host handles calls. Any other host replaces all of Vonage, so no request goes past it.
    is_region = address is not None and (urlsplit(address).hostname or "").endswith(_VONAGE_HOSTS)
    everything = None if is_region else address
    return vonage.VonageClient(
        api_key=secrets["api_key"],
        api_secret=secrets["api_secret"],
        key_of=key_of,
        address=everything or vonage.ADDRESS,
        numbers_address=everything or vonage.NUMBERS_ADDRESS,
        calls_address=address,
        http_client=http_client,
        profile=profile,
    )
