"""`/_emulator/…`: what the emulator was asked, and what it shall do wrong. None of this is the provider's."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ncco_lang.emulator.answers import Answer
from ncco_lang.emulator.asked import Asked, read_json
from ncco_lang.emulator.faults import read_faults

if TYPE_CHECKING:
    from ncco_lang.emulator.world import World


def list_requests(world: World, asked: Asked) -> Answer:
    """`GET /_emulator/requests`: method, path, query and status of each, oldest first."""
    return Answer(body=list(world.requests))


def forget_requests(world: World, asked: Asked) -> Answer:
    """`DELETE /_emulator/requests`."""
    world.requests.clear()
    return Answer(status=204)


def list_events(world: World, asked: Asked) -> Answer:
    """`GET /_emulator/events`: what the sink got, oldest first."""
    return Answer(body=list(world.events))


def forget_events(world: World, asked: Asked) -> Answer:
    """`DELETE /_emulator/events`."""
    world.events.clear()
    return Answer(status=204)


def list_call_events(world: World, asked: Asked) -> Answer:
    """`GET /_emulator/calls/{uuid}/events`: what a call posted, oldest first, whether or not it arrived."""
    return Answer(body=[each["body"] for each in world.posted if each["uuid"] == asked.params["uuid"]])


def list_faults(world: World, asked: Asked) -> Answer:
    """`GET /_emulator/faults`: those in force."""
    return Answer(body=[{**asdict(fault), "headers": dict(fault.headers)} for fault in world.faults.left])


def put_faults(world: World, asked: Asked) -> Answer:
    """`PUT /_emulator/faults`: a JSON list that takes the place of all faults."""
    value, reason = read_json(asked.body)
    faults, wrong = read_faults(value)
    if reason is not None or wrong is not None:
        return Answer(status=400, body={"error": wrong if reason is None else f"the body {reason}"})
    world.faults.put(faults)
    return Answer(status=204)


def revoke_tokens(world: World, asked: Asked) -> Answer:
    """`POST /_emulator/revoke`: all tokens die."""
    world.revoke()
    return Answer(status=204)
