"""Handle `/_emulator/…`: show received requests, and set faults. None of this is part of the provider's API."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ncco_lang.emulator.faults import read_faults
from ncco_lang.emulator.request import ApiRequest, read_json
from ncco_lang.emulator.responses import Answer

if TYPE_CHECKING:
    from ncco_lang.emulator.account import Account


def list_requests(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /_emulator/requests`: method, path, query and status of each, oldest first."""
    return Answer(body=list(account.requests))


def forget_requests(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `DELETE /_emulator/requests`."""
    account.requests.clear()
    return Answer(status=204)


def list_events(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /_emulator/events`: what the sink received, oldest first."""
    return Answer(body=list(account.events))


def forget_events(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `DELETE /_emulator/events`."""
    account.events.clear()
    return Answer(status=204)


def list_call_events(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /_emulator/calls/{uuid}/events`: what a call posted, oldest first, whether or not it arrived."""
    return Answer(body=[each["body"] for each in account.posted if each["uuid"] == api_request.params["uuid"]])


def list_faults(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /_emulator/faults`: those in force."""
    return Answer(body=[{**asdict(fault), "headers": dict(fault.headers)} for fault in account.faults.left])


def put_faults(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `PUT /_emulator/faults`: a JSON list that replaces all faults."""
    value, reason = read_json(api_request.body)
    faults, wrong = read_faults(value)
    if reason is not None or wrong is not None:
        return Answer(status=400, body={"error": wrong if reason is None else f"the body {reason}"})
    account.faults.put(faults)
    return Answer(status=204)


def revoke_tokens(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `POST /_emulator/revoke`: revoke all tokens."""
    account.revoke()
    return Answer(status=204)
