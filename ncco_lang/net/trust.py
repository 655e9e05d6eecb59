"""Load the certificate authorities that are trusted: the packaged ones, the system's, and a private one."""

from __future__ import annotations

import os
import ssl

from ncco_lang.net.types import TransportError


def load_trusted(ca: str | None) -> ssl.SSLContext:
    """Return a context with the trusted certificate authorities; it takes longer than anything else before a request.

    Args:
        ca: a PEM file of authorities trusted besides the usual ones, which `SSL_CERT_FILE` and `SSL_CERT_DIR` replace.

    Raises:
        TransportError: a file cannot be read.
    """
    import httpx

    try:
        # With the system's authorities besides the packaged ones: companies install theirs there.
        trusted = httpx.create_ssl_context()
        trusted.load_default_certs()
        if ca is not None:
            trusted.load_verify_locations(cafile=ca)
    except (OSError, ValueError) as failed:
        asked = ca or os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
        why = failed.strerror if type(failed) is not ssl.SSLError and isinstance(failed, OSError) else None
        words = f"the certificates in {asked} cannot be read: {why or 'it is no PEM file of certificates'}"
        raise TransportError(words, sent=False) from None
    return trusted
