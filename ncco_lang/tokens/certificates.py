"""Make a short-lived certificate authority, so that a server on this machine can be reached by https."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from secrets import token_hex

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = 7
"""The number of days for which certificates are valid."""

_BEFORE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Authority:
    """The certificate that clients have to trust, and its key; both in PEM."""

    certificate: str
    private: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Issued:
    """A server's certificate followed by its authority's, and its key; both in PEM."""

    certificate: str
    private: str = field(repr=False)


def make_authority(now: datetime) -> Authority:
    """Make an authority that can issue servers' certificates and no further authorities.

    Args:
        now: with a time zone. The certificates are valid from a day before, because clocks differ.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    # Each authority has a name of its own: a client that also trusts an old one would otherwise try the wrong key.
    name = _name(f"ncco emulate, throw-away authority {token_hex(4)}")
    certificate = (
        _builder(name, name, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(_pem(certificate), _private_pem(key))


def issue(authority: Authority, hosts: Sequence[str], now: datetime) -> Issued:
    """Make a certificate for a server.

    Args:
        hosts: DNS names and IP addresses by which clients reach it, at least one.
        now: with a time zone.

    Raises:
        ValueError: `hosts` is empty.
    """
    if not hosts:
        raise ValueError("a certificate needs at least one host")
    issuer = x509.load_pem_x509_certificate(authority.certificate.encode("ascii"))
    issuer_key = serialization.load_pem_private_key(authority.private.encode("ascii"), password=None)
    if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
        raise ValueError("the authority is not one of make_authority's")
    key = ec.generate_private_key(ec.SECP256R1())
    # A common name has at most 64 characters (RFC 5280); clients only check the alternative names.
    certificate = (
        _builder(_name(hosts[0][:64]), issuer.subject, key.public_key(), now)
        .add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    return Issued(_pem(certificate) + authority.certificate, _private_pem(key))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(now + timedelta(days=DAYS))
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode("ascii")
