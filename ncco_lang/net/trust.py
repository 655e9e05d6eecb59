"""Load the certificate authorities that are trusted: the packaged ones, the system's, and a private one."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from ncco_lang.net.types import BadCertificates


def load_trusted(ca: str | None) -> ssl.SSLContext:
    """Return a context with the trusted certificate authorities; it takes longer than anything else before a request.

    Args:
        ca: a PEM file of authorities trusted besides the usual ones, which `SSL_CERT_FILE` and `SSL_CERT_DIR` replace.

    Raises:
        BadCertificates: a file cannot be read.
    """
    import httpx

    usual = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or "the system's folder"
    with _naming(usual):
        # With the system's authorities besides the packaged ones: companies install theirs there.
        trusted = httpx.create_ssl_context()
        trusted.load_default_certs()
    if ca is not None:
        with _naming(ca):
            trusted.load_verify_locations(cafile=ca)
    return trusted


@contextmanager
def _naming(file: str) -> Iterator[None]:
    """Raise BadCertificates about a file for what is raised in the block."""
    try:
        yield
    except (OSError, ValueError) as failed:
        why = failed.strerror if type(failed) is not ssl.SSLError and isinstance(failed, OSError) else None
        raise BadCertificates(file, why or "it is not a PEM file of certificates") from None
