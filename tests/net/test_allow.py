"""Tests of the hosts that lookups may reach although they are private."""

from __future__ import annotations

import httpx
import pytest

from ncco_lang.net.allow import is_allowed, place_of, read_allowed
from ncco_lang.values.allowed_hosts import is_host_allowed


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/a"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000/a"),
        ("::1", "http://[::1]/"),
        ("[::1]:81", "http://[0:0:0:0:0:0:0:1]:81/"),
        ("CRM.Internal", "https://crm.internal./a"),
        ("crm.internal.", "https://CRM.INTERNAL/a"),
        ("crm.internal:443", "https://crm.internal/a"),
        ("bücher.test", "https://xn--bcher-kva.test"),
        ("xn--bcher-kva.test", "https://Bücher.test"),
    ],
)
def test_an_entry_allows_a_host(entry: str, url: str) -> None:
    place = place_of(httpx.URL(url))
    assert place is not None
    assert is_allowed(place, read_allowed(["other.test", entry]))
    assert is_host_allowed(url, ["other.test", entry])


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1/"),
        ("127.0.0.1", "http://127.1/"),
        ("127.0.0.1", "http://localhost/"),
        ("crm.internal", "https://a.crm.internal/"),
        ("crm.internal", "https://crm.internal.evil.test/"),
        ("crm.internal", "https://crm.internal@evil.test/"),
        ("::1", "http://[::ffff:127.0.0.1]/"),
    ],
)
def test_an_entry_allows_no_other_host(entry: str, url: str) -> None:
    place = place_of(httpx.URL(url))
    assert place is not None
    assert not is_allowed(place, read_allowed([entry]))
    assert not is_host_allowed(url, [entry])


@pytest.mark.parametrize(
    "entry",
    [
        "",
        " ",
        "a b",
        *"https://crm.internal crm.internal/ crm.internal/a u@crm.internal crm?a crm#a * crm:port crm:99999 "
        "[::1 ::1:99999 10.0.0.0/8 a..b %31.test 1.2.3.400".split(),
    ],
)
def test_an_invalid_entry_is_refused(entry: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        read_allowed(["crm.internal", entry])
    assert refused.value.args == (entry,)
