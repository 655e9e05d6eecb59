"""Rules about the provider that runs the call (F7): what its own pages do not document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ncco_lang.checks.action_list import Document
from ncco_lang.diagnostics import Facts, Place, Problem, Rule
from ncco_lang.resources import load_json_resource
from ncco_lang.vocabulary.ncco_schema import OptionValue
from ncco_lang.words import Wire

_SAMPLE = '[{"action": "talk", "text": "One moment."}'

ACTION_NOT_AT_PROVIDER = Rule(
    code="F701",
    name="action-not-at-provider",
    severity="warning",
    why="The provider's pages do not have this action. It may work, since they resell the same platform, but nothing is promised. (With --provider kpn.)",
    bad=_SAMPLE + ', {"action": "wait", "timeout": 2}, {"action": "talk", "text": "Thank you."}]',
    good=_SAMPLE + ', {"action": "talk", "text": "Thank you."}]',
)
OPTION_NOT_AT_PROVIDER = Rule(
    code="F702",
    name="option-not-at-provider",
    severity="warning",
    why="The provider's pages do not have this option, or not this value of it: the platform may ignore it. (With --provider kpn.)",
    bad='[{"action": "talk", "text": "Hello", "premium": true}]',
    good='[{"action": "talk", "text": "Hello"}]',
)
ENDPOINT_NOT_AT_PROVIDER = Rule(
    code="F703",
    name="endpoint-not-at-provider",
    severity="warning",
    why="The provider's pages do not have this kind of endpoint, so the call may not be placed. (With --provider kpn.)",
    bad='[{"action": "connect", "endpoint": [{"type": "app", "user": "jamie"}]}]',
    good='[{"action": "connect", "endpoint": [{"type": "phone", "number": "442079460000"}], "from": "442079460001"}]',
)

RULES = (ACTION_NOT_AT_PROVIDER, OPTION_NOT_AT_PROVIDER, ENDPOINT_NOT_AT_PROVIDER)


class UndocumentedAction(Facts):
    """An action that a provider's pages do not have; `documented` are those that they have."""

    rule = ACTION_NOT_AT_PROVIDER
    message = "{provider:s} does not document {action}"
    hint = "use {documented}, or try it before you rely on it"
    provider: str
    action: str
    documented: tuple[str, ...]


class UndocumentedAtProvider(Facts):
    """An option that a provider's pages do not have."""

    rule = OPTION_NOT_AT_PROVIDER
    message = "{provider:s} does not document {option}"
    hint = "leave it out, or try it before you rely on it"
    provider: str
    option: Wire


class UndocumentedValue(UndocumentedAtProvider):
    """A value that a provider's pages do not have; `reason` is what they say."""

    message = "{provider:s} does not document this value of {option}"
    hint = "{reason:s}"
    reason: str


class UndocumentedEndpoint(Facts):
    """A kind of endpoint that a provider's pages do not have; `documented` are those that they have."""

    rule = ENDPOINT_NOT_AT_PROVIDER
    message = "{provider:s} does not document endpoints of type {kind}"
    hint = "use {documented}, or try it before you rely on it"
    provider: str
    kind: str
    documented: tuple[str, ...]


def check_provider(document: Document, provider: str) -> Iterator[Problem]:
    """Yield a finding for each thing that a document uses and a provider's pages do not document.

    Args:
        document: the actions.
        provider: `vonage` or `kpn`; `schemas/providers/` has a file for each.
    """
    pages: dict[str, Any] = load_json_resource(f"schemas/providers/{provider}.json")
    title = pages["title"]
    for action in document.actions:
        if action.name not in pages["actions"] and "x-deprecated" not in action.schema:
            lacking = UndocumentedAction(provider=title, action=action.name, documented=tuple(pages["actions"]))
            yield Problem(facts=lacking, place=Place(action.at("action")))
            continue
        for setting in action.settings:
            yield from _check_setting(setting, pages)


def _check_setting(setting: OptionValue, pages: dict[str, Any]) -> Iterator[Problem]:
    title, name = pages["title"], setting.path[-1]
    option = Wire(next(step for step in reversed(setting.path) if isinstance(step, str)))
    since = setting.schema.get("x-since")
    if since is not None and since not in pages["documented_since"] and since != "sdk-2026":
        yield Problem(facts=UndocumentedAtProvider(provider=title, option=option), place=Place(setting.path, "key"))
    if setting.owner == "endpoint" or (name == "type" and setting.owner.endswith(" endpoint")):
        kind = setting.value
        if isinstance(kind, str) and kind not in pages["endpoints"]:
            lacking = UndocumentedEndpoint(provider=title, kind=kind, documented=tuple(pages["endpoints"]))
            yield Problem(facts=lacking, place=Place(setting.path))
    for limit in pages["limits"]:
        if limit["in"] == setting.owner and limit["option"] == name and _over(setting.value, limit):
            facts = UndocumentedValue(provider=title, option=option, reason=limit["why"])
            yield Problem(facts=facts, place=Place(setting.path))


def _over(value: Any, limit: dict[str, Any]) -> bool:
    if "allowed" in limit:
        return value not in limit["allowed"]
    if "longest" in limit:
        return isinstance(value, str) and len(value) > limit["longest"]
    return isinstance(value, (int, float)) and value > limit["most"]
