"""Tokens, keys and certificates: others can read what we sign, and invalid input is refused with a reason."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt as pyjwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ncco_lang.tokens.certificates import Authority, issue, make_authority
from ncco_lang.tokens.jwt import (
    BadToken,
    payload_of_query,
    read_application_token,
    sign_application,
    sign_webhook,
    verify_application,
    verify_webhook,
)
from ncco_lang.tokens.keys import KeyPair, make_key_pair, public_of

NOW = 1_600_000_000.5
APPLICATION = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
SECRET = "short"
BODY = b'{"status":"answered","from":"447700900000"}'


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    return make_key_pair()


@pytest.fixture(scope="module")
def other() -> KeyPair:
    return make_key_pair()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def hand_made(header: Any, claims: Any, key: bytes = b"") -> str:
    """Return a token as an attacker would build it, signed with HMAC if there is a key."""
    start = b64(json.dumps(header).encode()) + "." + b64(json.dumps(claims).encode())
    return start + "." + (b64(hmac.digest(key, start.encode(), "sha256")) if key else "")


def application_claims(**more: Any) -> dict[str, Any]:
    return {"application_id": APPLICATION, "iat": int(NOW), "jti": "one", "exp": int(NOW) + 900} | more


def webhook_claims(**more: Any) -> dict[str, Any]:
    return {
        "iss": "Vonage",
        "iat": int(NOW),
        "jti": "one",
        "api_key": "abcd",
        "payload_hash": hashlib.sha256(BODY).hexdigest(),
    } | more


def signed(claims: dict[str, Any], pair: KeyPair) -> str:
    return pyjwt.encode(claims, pair.private, algorithm="RS256")


# ── Keys ──


def test_a_key_pair_is_rsa_2048_and_its_public_half_can_be_had_again(pair: KeyPair) -> None:
    assert pair.private.startswith("-----BEGIN PRIVATE KEY-----\n")
    assert pair.public.startswith("-----BEGIN PUBLIC KEY-----\n")
    key = serialization.load_pem_private_key(pair.private.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size == 2048
    assert public_of(pair.private) == pair.public


def test_two_key_pairs_differ(pair: KeyPair, other: KeyPair) -> None:
    assert pair.private != other.private


def test_a_key_pair_does_not_show_its_private_half(pair: KeyPair) -> None:
    assert "PRIVATE" not in repr(pair)
    assert pair.private.splitlines()[1] not in repr(pair)


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> str:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


def test_what_is_no_private_rsa_key_is_refused_in_words_without_showing_it(pair: KeyPair) -> None:
    small = pem_of(rsa.generate_private_key(public_exponent=65537, key_size=1024))
    curve = pem_of(ec.generate_private_key(ec.SECP256R1()))
    locked = pem_of(ec.generate_private_key(ec.SECP256R1()), b"password")
    cases = {
        "hunter2": "looks like an API secret",
        "": "it is empty",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n": "damaged",
        pair.public: "looks like a public key",
        pair.public.replace("\n", "\\n"): "looks like a public key",
        "d\ud800": "not a usable private key",
        "/srv/keys/keys/private.key": "looks like a path",
        "private.pem": "looks like a path",
        "file:private.key": "looks like a reference",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n": "looks like a certificate",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n": "looks like an OpenSSH key",
        "ssh-rsa AAAAB3NzaC1yc2E me@example.com": "looks like a public key",
        '{"keys": {"private_key": "k"}}': "looks like JSON",
        "-----BEGIN PRIVATE KEY-----": "cut off",
        "eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.abc": "looks like a JWT",
        APPLICATION: "looks like the id of an application",
        "".join(pair.private.splitlines()[1:-1]): "without its first and last line",
        small: "1024 bits",
        curve: "not an RSA key",
        locked: "has a password",
    }
    for text, words in cases.items():
        with pytest.raises(ValueError, match=words) as caught:
            public_of(text)
        with pytest.raises(ValueError, match=words):
            sign_application(APPLICATION, text, now=NOW)
        assert not text or text == "-----BEGIN PRIVATE KEY-----" or text not in str(caught.value)


def test_a_private_key_is_read_in_the_forms_that_environments_give_it(pair: KeyPair) -> None:
    pem = pair.private
    line = pem.replace("\n", "\\n")
    packed = base64.b64encode(pem.encode()).decode()
    forms = [
        line,
        pem.replace("\n", "\\r\\n"),
        pem.replace("\n", "\\\\n"),
        f'"{line}"',
        f"'{line}'",
        f'"{pem}"\n',
        f"\ufeff'{line}'\r\n",
        packed,
        base64.encodebytes(pem.encode()).decode(),
        f'"{packed}"',
        packed.rstrip("="),
        base64.b64encode(line.encode()).decode(),
        pem.replace("\n", "\r\n"),
        pem.replace("\n", " "),
        "\n".join(f"    {line}  " for line in pem.splitlines()),
        f"\n\n  {pem}\n",
        f"\ufeff{pem}",
        f"Bag Attributes\n    friendlyName: x\n{pair.public}{pem}",
    ]
    assert [public_of(form) for form in forms] == [pair.public] * len(forms)


# ── Tokens of an application ──


def test_a_token_has_the_claims_that_the_provider_asks_for(pair: KeyPair) -> None:
    token = sign_application(APPLICATION, pair.private, now=NOW)
    assert pyjwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT"}
    claims = verify_application(token, pair.public, now=NOW)
    assert claims == {
        "application_id": APPLICATION,
        "iat": 1_600_000_000,
        "exp": 1_600_000_900,
        "jti": claims["jti"],
    }
    assert read_application_token(token, now=NOW) == (APPLICATION, claims)


def test_another_library_reads_our_token(pair: KeyPair) -> None:
    token = sign_application(APPLICATION, pair.private, now=datetime.now(UTC).timestamp())
    assert pyjwt.decode(token, pair.public, algorithms=["RS256"])["application_id"] == APPLICATION


def test_no_two_tokens_are_alike(pair: KeyPair) -> None:
    tokens = {sign_application(APPLICATION, pair.private, now=NOW) for _ in range(20)}
    assert len({verify_application(token, pair.public, now=NOW)["jti"] for token in tokens}) == 20


@pytest.mark.parametrize("lifetime", [29, 0, -1, 24 * 3600 + 1])
def test_a_lifetime_that_the_provider_refuses_is_not_signed(lifetime: int, pair: KeyPair) -> None:
    with pytest.raises(ValueError, match="30 to 86400"):
        sign_application(APPLICATION, pair.private, now=NOW, lifetime=lifetime)


def test_a_token_lives_from_its_iat_to_its_exp_give_or_take_the_leeway(pair: KeyPair) -> None:
    token = sign_application(APPLICATION, pair.private, now=1000, lifetime=60)
    for now in (970, 1000, 1059, 1060, 1089.9):
        verify_application(token, pair.public, now=now)
    for now, words in ((969.9, "iat lies in the future"), (1090, "has expired"), (10**9, "has expired")):
        with pytest.raises(BadToken, match=words):
            verify_application(token, pair.public, now=now)
        with pytest.raises(BadToken, match=words):
            read_application_token(token, now=now)
    with pytest.raises(BadToken, match="has expired"):
        verify_application(token, pair.public, now=1060, leeway=0)


def test_the_clock_of_this_machine_is_not_looked_at(pair: KeyPair) -> None:
    for now in (1000.0, 4e9):
        verify_application(sign_application(APPLICATION, pair.private, now=now), pair.public, now=now)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"application_id": None}, "no application_id"),
        ({"application_id": 5}, "no application_id"),
        ({"application_id": ""}, "no application_id"),
        ({"jti": None}, "no jti"),
        ({"jti": ""}, "no jti"),
        ({"iat": None}, "no iat"),
        ({"iat": "1600000000"}, "iat is no time"),
        ({"iat": True}, "iat is no time"),
        ({"iat": float("nan")}, "iat is no time"),
        ({"iat": -1}, "iat is no time"),
        ({"exp": 10**400}, "exp is no time"),
        ({"exp": float("inf")}, "exp is no time"),
        ({"exp": []}, "exp is no time"),
        ({"exp": int(NOW) + 29}, "it takes 30 to 86400"),
        ({"exp": int(NOW) + 86401}, "it takes 30 to 86400"),
        ({"iat": int(NOW) - 1000, "exp": None}, "has expired: it has no exp, so it lived 900 s"),
        ({"nbf": int(NOW) + 60}, "nbf lies in the future"),
    ],
)
def test_claims_that_the_provider_refuses(change: dict[str, Any], words: str, pair: KeyPair) -> None:
    claims = {name: value for name, value in application_claims(**change).items() if value is not None}
    token = signed(claims, pair)
    with pytest.raises(BadToken, match=words):
        verify_application(token, pair.public, now=NOW)
    with pytest.raises(BadToken, match=words):
        read_application_token(token, now=NOW)


def test_claims_that_are_nobody_s_business_are_let_through(pair: KeyPair) -> None:
    claims = application_claims(sub="alice", acl={"paths": {}}, aud="someone", nbf=int(NOW), extra=1)
    assert verify_application(signed(claims, pair), pair.public, now=NOW) == claims


def test_a_token_without_exp_lives_fifteen_minutes(pair: KeyPair) -> None:
    claims = application_claims()
    del claims["exp"]
    verify_application(signed(claims, pair), pair.public, now=NOW + 900)


def test_a_token_of_another_key_is_refused(pair: KeyPair, other: KeyPair) -> None:
    token = sign_application(APPLICATION, other.private, now=NOW)
    assert read_application_token(token, now=NOW)[0] == APPLICATION
    with pytest.raises(BadToken, match="not signed with this key"):
        verify_application(token, pair.public, now=NOW)


def test_a_changed_token_is_refused(pair: KeyPair) -> None:
    header, _, signature = sign_application(APPLICATION, pair.private, now=NOW).split(".")
    changed = b64(json.dumps(application_claims(application_id="another")).encode())
    with pytest.raises(BadToken, match="not signed with this key"):
        verify_application(f"{header}.{changed}.{signature}", pair.public, now=NOW)


@pytest.mark.parametrize("key_of", ["public", "private", "stripped"])
def test_a_token_signed_by_hmac_with_the_public_key_is_refused(key_of: str, pair: KeyPair) -> None:
    key = {"public": pair.public, "private": pair.private, "stripped": pair.public.strip()}[key_of].encode()
    token = hand_made({"alg": "HS256", "typ": "JWT"}, application_claims(), key)
    # It is a valid HS256 token: only the fixed algorithm refuses it.
    start, _, signature = token.rpartition(".")
    assert signature == b64(hmac.digest(key, start.encode(), "sha256"))
    with pytest.raises(BadToken, match="not signed by RS256"):
        verify_application(token, pair.public, now=NOW)


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "", "RS512", "rs256", None, 5, ["RS256"]])
def test_no_algorithm_but_ours_is_taken(algorithm: Any, pair: KeyPair) -> None:
    token = hand_made({"alg": algorithm, "typ": "JWT"}, application_claims())
    with pytest.raises(BadToken, match=r"not signed by RS256|no JWT"):
        verify_application(token, pair.public, now=NOW)
    with pytest.raises(BadToken, match=r"not signed by RS256|no JWT"):
        read_application_token(token, now=NOW)
    with pytest.raises(BadToken, match=r"not signed by HS256|no JWT"):
        verify_webhook(hand_made({"alg": algorithm}, webhook_claims()), SECRET, payload=BODY, now=NOW)


def test_other_algorithms_of_the_same_key_are_refused(pair: KeyPair) -> None:
    for algorithm in ("RS384", "RS512", "PS256"):
        with pytest.raises(BadToken, match="not signed by RS256"):
            verify_application(
                pyjwt.encode(application_claims(), pair.private, algorithm=algorithm), pair.public, now=NOW
            )


def test_keys_that_a_token_brings_along_are_not_looked_at(pair: KeyPair, other: KeyPair) -> None:
    algorithm = pyjwt.get_algorithm_by_name("RS256")
    key = serialization.load_pem_public_key(other.public.encode())
    brought = {"jwk": json.loads(algorithm.to_jwk(key)), "jku": "https://example.com/keys", "kid": "../../dev/null"}
    token = pyjwt.encode(application_claims(), other.private, algorithm="RS256", headers=brought)
    with pytest.raises(BadToken, match="not signed with this key"):
        verify_application(token, pair.public, now=NOW)


def test_a_critical_header_is_refused(pair: KeyPair) -> None:
    headers = {"crit": ["exp"], "exp": 1}
    token = pyjwt.encode(application_claims(), pair.private, algorithm="RS256", headers=headers)
    with pytest.raises(BadToken):
        verify_application(token, pair.public, now=NOW)


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "é.é.é",
        "\ud800.a.b",
        "\0.\0.\0",
        hand_made([], application_claims()),
        hand_made({"alg": "RS256"}, []),
        hand_made({"alg": "RS256"}, "text"),
        hand_made({"alg": "RS256"}, None),
        b64(b'{"alg":"RS256"}') + "." + b64(b"[" * 10_000) + ".",
        b64(b"[" * 10_000) + "." + b64(b"{}") + ".",
        b64(b'{"alg":"RS256"}') + "." + b64(b'{"iat":' + b"9" * 9000 + b"}") + ".",
        b64(b'{"alg":"RS256"}') + "." + b64(b"\xff\xfe") + ".",
        "x" * 100_000,
    ],
    ids=range(17),
)
def test_what_is_no_token_is_refused_in_words(token: str, pair: KeyPair) -> None:
    with pytest.raises(BadToken) as read:
        read_application_token(token, now=NOW)
    with pytest.raises(BadToken) as verified:
        verify_application(token, pair.public, now=NOW)
    with pytest.raises(BadToken) as webhook:
        verify_webhook(token, SECRET, payload=BODY, now=NOW)
    for caught in (read, verified, webhook):
        assert str(caught.value)
        assert len(token) < 4 or token not in str(caught.value)


def test_a_public_key_that_is_none_is_a_bad_token_too(pair: KeyPair) -> None:
    token = sign_application(APPLICATION, pair.private, now=NOW)
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    for text in (
        "",
        "nonsense",
        pair.private,
        curve.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode(),
    ):
        with pytest.raises(BadToken, match="public key"):
            verify_application(token, text, now=NOW)


# ── Tokens of a webhook ──


def test_a_webhook_s_token_has_the_claims_of_the_guide() -> None:
    token = sign_webhook(SECRET, payload=BODY, api_key="abcd", application_id=APPLICATION, now=NOW)
    assert pyjwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    claims = verify_webhook(token, SECRET, payload=BODY, now=NOW)
    assert claims == webhook_claims(application_id=APPLICATION, jti=claims["jti"])
    without = sign_webhook(SECRET, payload=BODY, api_key="abcd", application_id=None, now=NOW)
    assert "application_id" not in verify_webhook(without, SECRET, payload=BODY, now=NOW)


@pytest.mark.parametrize("secret", ["s", "short", "x" * 31, "x" * 32, "x" * 64, "x" * 200, "é"])
def test_another_implementation_agrees_on_the_signature(secret: str) -> None:
    start, _, signature = sign_webhook(secret, payload=BODY, api_key="k", application_id=None, now=NOW).rpartition(".")
    assert signature == b64(hmac.digest(secret.encode(), start.encode(), "sha256"))
    token = hand_made({"alg": "HS256", "typ": "JWT"}, webhook_claims(), secret.encode())
    assert verify_webhook(token, secret, payload=BODY, now=NOW) == webhook_claims()


def test_a_short_secret_gives_no_warning() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        verify_webhook(
            sign_webhook("s", payload=BODY, api_key="k", application_id=None, now=NOW), "s", payload=BODY, now=NOW
        )
    assert not caught


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"payload_hash": hashlib.sha256(BODY + b" ").hexdigest()}, "another payload"),
        ({"payload_hash": ""}, "another payload"),
        ({"payload_hash": "é" * 64}, "another payload"),
        ({"payload_hash": "\ud800"}, "another payload"),
        ({"payload_hash": None}, "no payload_hash"),
        ({"payload_hash": 5}, "no payload_hash"),
        ({"iss": "Somebody"}, "not issued by Vonage"),
        ({"iss": None}, "not issued by Vonage"),
        ({"iat": None}, "no iat"),
        ({"iat": int(NOW) - 301}, "older than 300 s"),
        ({"iat": int(NOW) + 31}, "iat lies in the future"),
        ({"exp": int(NOW) - 60}, "has expired"),
    ],
)
def test_webhooks_that_are_not_to_be_trusted(change: dict[str, Any], words: str) -> None:
    claims = {name: value for name, value in webhook_claims(**change).items() if value is not None}
    token = hand_made({"alg": "HS256", "typ": "JWT"}, claims, SECRET.encode())
    with pytest.raises(BadToken, match=words):
        verify_webhook(token, SECRET, payload=BODY, now=NOW)


def test_a_webhook_is_held_to_its_secret_its_body_and_its_age() -> None:
    token = sign_webhook(SECRET, payload=BODY, api_key="k", application_id=None, now=NOW)
    with pytest.raises(BadToken, match="not signed with this key"):
        verify_webhook(token, "shorter", payload=BODY, now=NOW)
    with pytest.raises(BadToken, match="another payload"):
        verify_webhook(token, SECRET, payload=BODY.replace(b":", b": "), now=NOW)
    verify_webhook(token, SECRET, payload=BODY, now=NOW + 299)
    verify_webhook(token, SECRET, payload=BODY, now=NOW + 1000, at_most_old=1001)
    with pytest.raises(BadToken, match="older than 10 s"):
        verify_webhook(token, SECRET, payload=BODY, now=NOW + 20, at_most_old=10)


def test_an_application_s_token_is_no_webhook_s(pair: KeyPair) -> None:
    with pytest.raises(BadToken, match="not signed by HS256"):
        verify_webhook(sign_application(APPLICATION, pair.private, now=NOW), SECRET, payload=BODY, now=NOW)


def test_an_empty_secret_signs_and_verifies_nothing() -> None:
    with pytest.raises(ValueError, match="empty"):
        sign_webhook("", payload=BODY, api_key="k", application_id=None, now=NOW)
    with pytest.raises(ValueError, match="empty"):
        verify_webhook(hand_made({"alg": "HS256"}, webhook_claims()), "", payload=BODY, now=NOW)


def test_the_payload_of_a_query_is_compact_json_in_its_order() -> None:
    pairs = [("to", "442079460000"), ("from", "447700900000"), ("custom", '{"é": "/"}')]
    assert (
        payload_of_query(pairs) == '{"to":"442079460000","from":"447700900000","custom":"{\\"é\\": \\"/\\"}"}'.encode()
    )
    assert payload_of_query([]) == b"{}"
    assert payload_of_query([("a", "1"), ("b", "2"), ("a", "3")]) == b'{"a":"3","b":"2"}'


# ── Certificates ──

HOSTS = ("localhost", "127.0.0.1", "::1", "emulator.test")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority(datetime.now(UTC))


@contextmanager
def https(authority: Authority, hosts: tuple[str, ...], folder: Path, now: datetime) -> Iterator[int]:
    """Run a server on loopback that answers each connection with an empty 204, and yield its port."""
    issued = issue(authority, hosts, now)
    (folder / "server.pem").write_text(issued.certificate + issued.private, encoding="ascii")
    (folder / "ca.pem").write_text(authority.certificate, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stopped = threading.Event()
        thread = threading.Thread(target=serve, args=(listening, context, stopped))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stopped.set()
            socket.create_connection(listening.getsockname()).close()
            thread.join()


def serve(listening: socket.socket, context: ssl.SSLContext, stopped: threading.Event) -> None:
    while True:
        raw, _ = listening.accept()
        with raw:
            if stopped.is_set():
                return
            try:
                with context.wrap_socket(raw, server_side=True) as secure:
                    if secure.recv(4096):
                        secure.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            except OSError:
                pass


def strict(ca: str) -> ssl.SSLContext:
    """Return the context of clients of Python 3.13 and later: RFC 5280 to the letter."""
    context = ssl.create_default_context(cafile=ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def test_clients_that_trust_the_authority_reach_the_server(authority: Authority, tmp_path: Path) -> None:
    requests = pytest.importorskip("requests")
    ca = str(tmp_path / "ca.pem")
    with https(authority, HOSTS, tmp_path, datetime.now(UTC)) as port:
        for name in ("localhost", "127.0.0.1", "::1", "emulator.test"):
            with (
                socket.create_connection(("127.0.0.1", port)) as raw,
                strict(ca).wrap_socket(raw, server_hostname=name) as secure,
            ):
                secure.sendall(b"GET / HTTP/1.1\r\n\r\n")
                assert secure.recv(4096).startswith(b"HTTP/1.1 204")
        address = f"https://127.0.0.1:{port}/"
        with httpx.Client(verify=strict(ca), trust_env=False) as client:
            assert client.get(address).status_code == 204
        with requests.Session() as session:
            session.trust_env = False
            assert session.get(address, verify=ca).status_code == 204


def test_clients_that_do_not_trust_it_or_ask_for_another_host_are_warned(authority: Authority, tmp_path: Path) -> None:
    ca = str(tmp_path / "ca.pem")
    stranger = tmp_path / "stranger.pem"
    stranger.write_text(make_authority(datetime.now(UTC)).certificate, encoding="ascii")
    with https(authority, ("localhost",), tmp_path, datetime.now(UTC)) as port:
        for context, name in ((strict(ca), "127.0.0.1"), (strict(str(stranger)), "localhost")):
            with (
                socket.create_connection(("127.0.0.1", port)) as raw,
                pytest.raises(ssl.SSLCertVerificationError),
                context.wrap_socket(raw, server_hostname=name),
            ):
                raise AssertionError("it was trusted")


def test_an_old_certificate_is_past_its_time(tmp_path: Path) -> None:
    past = datetime.now(UTC) - timedelta(days=8)
    with (
        https(make_authority(past), ("localhost",), tmp_path, past) as port,
        socket.create_connection(("127.0.0.1", port)) as raw,
        pytest.raises(ssl.SSLCertVerificationError, match="expired"),
        strict(str(tmp_path / "ca.pem")).wrap_socket(raw, server_hostname="localhost"),
    ):
        raise AssertionError("it was trusted")


def test_a_certificate_says_what_it_is_for(authority: Authority) -> None:
    now = datetime.now(UTC)
    issued = issue(authority, HOSTS, now)
    leaf, root = x509.load_pem_x509_certificates(issued.certificate.encode())
    leaf.verify_directly_issued_by(root)
    assert root.subject == x509.load_pem_x509_certificate(authority.certificate.encode()).subject
    assert [str(name.value) for name in leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value] == [
        "localhost",
        "127.0.0.1",
        "::1",
        "emulator.test",
    ]
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    for certificate in (leaf, root):
        assert certificate.not_valid_before_utc < now < certificate.not_valid_after_utc < now + timedelta(days=8)


def test_no_two_authorities_have_a_name_in_common() -> None:
    now = datetime.now(UTC)
    names = {
        x509.load_pem_x509_certificate(make_authority(now).certificate.encode()).subject.rfc4514_string()
        for _ in range(5)
    }
    assert len(names) == 5


def test_a_certificate_without_a_host_is_not_issued(authority: Authority) -> None:
    with pytest.raises(ValueError, match="at least one host"):
        issue(authority, [], datetime.now(UTC))


def test_keys_of_certificates_are_not_shown(authority: Authority) -> None:
    issued = issue(authority, ["localhost"], datetime.now(UTC))
    for value in (authority, issued):
        assert "PRIVATE" not in repr(value)
        assert value.private.splitlines()[1] not in repr(value)
