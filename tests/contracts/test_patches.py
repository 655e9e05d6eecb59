"""Test that every patch is needed, is sufficient, and has a reason."""

from __future__ import annotations

import pytest

from tests.contracts.checking import check_answer, check_request
from tests.contracts.descriptions import FILES, contract_of, describe, needs_descriptions, operations
from tests.contracts.patches import PATCHES, Example, Patch

pytestmark = needs_descriptions


def hold(contract: str, example: Example, patches: tuple[Patch, ...]) -> None:
    if example.status is None:
        check_request(contract, example.method, example.url, example.headers, example.body, patches=patches)
    else:
        check_answer(
            contract, example.method, example.url, example.status, example.headers, example.body, patches=patches
        )


def is_taken(contract: str, example: Example, patches: tuple[Patch, ...]) -> bool:
    try:
        hold(contract, example, patches)
    except AssertionError:
        return False
    return True


def name_of(patch: Patch) -> str:
    return f"{patch.contract}:{patch.where.rsplit('/properties/', 1)[-1]}:{patch.examples[0].method}"


@pytest.mark.parametrize("patch", PATCHES, ids=name_of)
def test_a_patch_is_needed_and_helps(patch: Patch) -> None:
    others = tuple(other for other in PATCHES if other is not patch)
    assert patch.reason
    assert patch.examples
    for example in patch.examples:
        hold(patch.contract, example, PATCHES)
        assert not is_taken(patch.contract, example, others), f"{patch.where} needs no patch any more"


@pytest.mark.parametrize("patch", PATCHES, ids=name_of)
def test_the_published_description_alone_refuses_what_a_patch_is_for(patch: Patch) -> None:
    for example in patch.examples:
        assert not is_taken(patch.contract, example, ()), f"{patch.where} needs no patch any more"


def test_no_place_is_patched_twice() -> None:
    places = [(patch.contract, patch.where) for patch in PATCHES]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("contract", FILES)
def test_a_description_can_be_read_with_and_without_patches(contract: str) -> None:
    assert list(operations(contract))
    assert describe(contract, ())["paths"]


@pytest.mark.parametrize(
    ("url", "contract"),
    [
        ("https://api.nexmo.com/v1/calls", "vonage-voice"),
        ("https://api.nexmo.com/v1/calls?status=started", "vonage-voice"),
        ("https://api.nexmo.com/v1/calls/x/talk", "vonage-voice"),
        ("https://api.nexmo.com/v1/callsigns", None),
        ("https://api.nexmo.com/v2/applications/x", "vonage-applications"),
        ("https://api.nexmo.com/v1/files/x", None),
        ("https://rest.nexmo.com/number/update", "vonage-numbers"),
        ("https://rest.nexmo.com.example.com/number/update", None),
        ("http://rest.nexmo.com/number/update", None),
        ("https://api-prd.kpn.com/communication/nexmo/voice/calls", "kpn-voice"),
        ("https://api-prd.kpn.com/communication/nexmo/jwt", "kpn-voice"),
        ("https://api-prd.kpn.com/communication/nexmo/phone-numbers/account/numbers", "kpn-numbers"),
        ("https://api-prd.kpn.com/oauth/client_credential/accesstoken?grant_type=client_credentials", None),
    ],
)
def test_an_address_has_its_description(url: str, contract: str | None) -> None:
    assert contract_of(url) == contract
