"""Test the emulator with Vonage's official Node SDK."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ncco_lang.api.types import END_STATES
from ncco_lang.emulator.options import NUMBERS
from ncco_lang.emulator.server import Running
from ncco_lang.tokens.keys import make_key_pair
from tests.emulated import ANSWERED, STAYS, TALK, Client, emulator_of
from tests.node_sdk import NodeError, NodeSdk, node_sdk, why_not

FROM = {"type": "phone", "number": NUMBERS[0]}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Running]:
    with emulator_of(speed=None) as running:
        yield running


@pytest.fixture(scope="module")
def id_and_sdk(emulator: Running) -> Iterator[tuple[str, NodeSdk]]:
    if reason := why_not():
        pytest.skip(reason)
    keys = make_key_pair()
    with Client(emulator, keys) as client:
        client.create()
        with node_sdk(emulator, keys, client.application_id) as sdk:
            yield client.application_id, sdk


@pytest.fixture
def id(id_and_sdk: tuple[str, NodeSdk]) -> str:
    return id_and_sdk[0]


@pytest.fixture
def sdk(id_and_sdk: tuple[str, NodeSdk], emulator: Running) -> Iterator[NodeSdk]:
    sdk = id_and_sdk[1]
    yield sdk
    for call in sdk.voice.getAllCalls():
        if call["status"] not in END_STATES:
            sdk.voice.hangupCall(call["uuid"])
    emulator.settle()


def place(sdk: NodeSdk, to: str = STAYS) -> str:
    made = sdk.voice.createOutboundCall({"to": [{"type": "phone", "number": to}], "from": FROM, "ncco": TALK})
    assert (made["status"], made["direction"]) == ("started", "outbound")
    uuid: str = made["uuid"]
    return uuid


def test_all_calls_are_listed_over_pages(sdk: NodeSdk, emulator: Running) -> None:
    uuids = [place(sdk) for _ in range(3)]
    listed = [call["uuid"] for call in sdk.voice.getAllCalls({"pageSize": 2})]
    assert listed[-3:] == uuids
    assert len(listed) == len(set(listed))
    page = sdk.voice.getCallsPage({"pageSize": 1, "order": "desc", "status": "started"})
    assert page["_links"]["next"]["href"].startswith(f"{emulator.address}/v1/calls?")
    assert page["_embedded"]["calls"][0]["uuid"] == uuids[-1]


def test_a_call_is_played_into_changed_and_ended(sdk: NodeSdk, emulator: Running) -> None:
    uuid = place(sdk)
    with pytest.raises(NodeError, match="400"):
        sdk.voice.playTTS(uuid, {"text": "too early"})
    emulator.advance(2)
    call = sdk.voice.getCall(uuid)
    assert (call["status"], call["to"], call["from"]) == ("answered", {"type": "phone", "number": STAYS}, FROM)
    for action in ("muteCall", "unmuteCall", "earmuffCall", "unearmuffCall"):
        getattr(sdk.voice, action)(uuid)
    speech = {"text": "Hello", "language": "en-GB", "style": 1, "loop": 2, "level": 0.5}
    assert sdk.voice.playTTS(uuid, speech) == {"message": "Talk started", "uuid": uuid}
    assert sdk.voice.stopTTS(uuid)["message"] == "Talk stopped"
    assert sdk.voice.streamAudio(uuid, "https://example.com/a.mp3", 0, -0.5)["message"] == "Stream started"
    assert sdk.voice.stopStreamAudio(uuid)["message"] == "Stream stopped"
    assert sdk.voice.playDTMF(uuid, "1p2#") == {"message": "DTMF sent", "uuid": uuid}
    sdk.voice.subscribeDTMF(uuid, f"{emulator.address}/webhooks/event")
    sdk.voice.unsubscribeDTMF(uuid)
    sdk.voice.transferCallWithNCCO(uuid, TALK)
    sdk.voice.hangupCall(uuid)
    emulator.settle()
    assert sdk.voice.getCall(uuid)["status"] == "completed"
    with pytest.raises(NodeError) as gone:
        sdk.voice.hangupCall(uuid)
    assert gone.value.status == 404


def test_calls_to_every_kind_of_endpoint(sdk: NodeSdk) -> None:
    socket = {"type": "websocket", "uri": "wss://example.com", "content-type": "audio/l16;rate=24000"}
    sip = {"type": "sip", "uri": "sip:anna@example.com", "headers": {"a": "b"}, "standardHeaders": {"userToUser": "c"}}
    for to in (
        {**socket, "authorization": {"type": "vonage"}},
        sip,
        {"type": "app", "user": "anna"},
        {"type": "vbc", "extension": "1234"},
    ):
        from_sip = {"type": "phone", "number": "sip:me@example.com"}
        made = sdk.voice.createOutboundCall({"to": [to], "from": from_sip, "ncco": TALK})
        assert made["status"] == "started"
    detection = {"behavior": "continue", "mode": "detect_beep", "beepTimeout": 30}
    whom = [{"type": "phone", "number": ANSWERED}]
    order: dict[str, Any] = {"to": whom, "from": FROM, "ncco": TALK, "lengthTimer": 86_400}
    assert sdk.voice.createOutboundCall({**order, "advancedMachineDetection": detection})["status"] == "started"
    with pytest.raises(NodeError) as refused:
        sdk.voice.createOutboundCall({**order, "from": {"type": "phone", "number": "31209999999"}})
    assert refused.value.status == 400


def test_applications_are_made_listed_changed_and_deleted(sdk: NodeSdk, id: str) -> None:
    hook = {"address": "https://example.com/answer", "httpMethod": "POST", "connectTimeout": 500}
    voice = {"webhooks": {"answerUrl": hook}, "region": "eu-west", "legPersistenceTime": 14}
    made = sdk.applications.createApplication({"name": "one", "capabilities": {"voice": voice, "vbc": {}}})
    assert made["keys"]["privateKey"].startswith("-----BEGIN PRIVATE KEY-----")
    assert made["capabilities"]["voice"]["webhooks"]["answerUrl"]["connectTimeout"] == 500
    assert made["capabilities"]["voice"]["legPersistenceTime"] == 14
    changed = sdk.applications.updateApplication({"id": made["id"], "name": "two", "capabilities": {"voice": voice}})
    assert (changed["id"], changed["name"]) == (made["id"], "two")
    listed = sdk.applications.listAllApplications({"pageSize": 1})
    assert [each["id"] for each in listed] == [id, made["id"]]
    assert sdk.applications.getApplication(made["id"])["name"] == "two"
    sdk.applications.deleteApplication(made["id"])
    with pytest.raises(NodeError) as gone:
        sdk.applications.getApplication(made["id"])
    assert gone.value.status == 404


def test_numbers_are_linked_filtered_bought_and_given_up(sdk: NodeSdk, id: str) -> None:
    done = {"errorCode": "200", "errorCodeLabel": "success"}
    number = {"country": "NL", "msisdn": NUMBERS[0]}
    assert sdk.numbers.updateNumber({**number, "applicationId": id}) == done
    linked = sdk.numbers.getOwnedNumbers({"hasApplication": True, "applicationId": id})
    assert [each["msisdn"] for each in linked["numbers"]] == [NUMBERS[0]]
    assert sdk.numbers.updateNumber(number) == done
    assert sdk.numbers.getOwnedNumbers({"hasApplication": True})["count"] == 0
    offered = sdk.numbers.getAvailableNumbers({"country": "NL", "features": ["VOICE"], "contains": "97", "size": 1})
    new = {name: offered["numbers"][0][name] for name in ("country", "msisdn")}
    assert sdk.numbers.buyNumber(new) == done
    assert sdk.numbers.getOwnedNumbers({"pattern": new["msisdn"], "searchPattern": 1})["count"] == 1
    assert sdk.numbers.cancelNumber(new) == done
    with pytest.raises(NodeError) as refused:
        sdk.numbers.cancelNumber(new)
    assert refused.value.status == 420
