"""Convert URIs of documents ↔ paths and names. Clients spell the URI of one file in several ways: `file:///C:/a`,
`file:///c%3A/a`. A document without a path (`untitled:Untitled-1`) has a name.
"""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

_DRIVE = re.compile(r"/[A-Za-z]:(?=/|$)")
_UNSPOILT = "/:@!$&'()*+,;=~"
_WINDOWS = os.name == "nt"


def path_of(uri: str, *, windows: bool = _WINDOWS) -> str | None:
    """Return the path of a URI; None if it is not a file of this machine."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    path = unquote(parts.path, errors="surrogateescape")
    if parts.scheme != "file" or not path.startswith("/") or "\0" in path:
        return None
    if parts.netloc not in ("", "localhost"):
        return f"//{parts.netloc}{path}" if windows else None
    if windows and _DRIVE.match(path):
        return path[1].lower() + path[2:]
    return path


def uri_of(path: str, *, windows: bool = _WINDOWS) -> str:
    """Return the URI of an absolute path."""
    path = path.replace("\\", "/") if windows else path
    data = path.encode("utf-8", "surrogateescape")
    if windows and path.startswith("//"):
        return "file:" + quote(data, safe=_UNSPOILT)
    return "file://" + ("" if path.startswith("/") else "/") + quote(data, safe=_UNSPOILT)


def name_of(uri: str) -> str:
    """Return the name of a document in messages: the last part of its path, or of the URI without its scheme."""
    path = path_of(uri)
    return PurePosixPath((path or unquote(uri.partition(":")[2]) or uri).replace("\\", "/")).name or uri
