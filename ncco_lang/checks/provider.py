"""Rules about the provider that runs the call (F7): what its own pages do not document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ncco_lang.checks.action_list import Document
from ncco_lang.diagnostics import Place, Problem, Rule
from ncco_lang.resources import load_json_resource
from ncco_lang.vocabulary.ncco_schema import OptionValue
from ncco_lang.words import choice_words, shown

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
    why="The provider's pages do not have this option, or not this value of it: it may be passed over. (With --provider kpn.)",
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


def check_provider(document: Document, provider: str) -> Iterator[Problem]:
    """Yield a finding for each thing that a document uses and a provider's pages do not document.

    Args:
        document: the actions.
        provider: `vonage` or `kpn`; `schemas/providers/` has a file for each.
    """
    facts: dict[str, Any] = load_json_resource(f"schemas/providers/{provider}.json")
    title = facts["title"]
    for action in document.actions:
        if action.name not in facts["actions"] and "x-deprecated" not in action.schema:
            yield Problem(
                rule=ACTION_NOT_AT_PROVIDER,
                place=Place(action.at("action")),
                message=f"{title} does not document {shown(action.name)}",
                hint=f"its pages have {choice_words(facts['actions'])}",
            )
            continue
        for setting in action.settings:
            yield from _check_setting(setting, facts)


def _check_setting(setting: OptionValue, facts: dict[str, Any]) -> Iterator[Problem]:
    title, name = facts["title"], setting.path[-1]
    since = setting.schema.get("x-since")
    if since is not None and since not in facts["documented_since"] and since != "sdk-2026":
        yield Problem(
            rule=OPTION_NOT_AT_PROVIDER,
            place=Place(setting.path, "key"),
            message=f"{title} does not document {name}",
            hint="leave it out, or try it before you rely on it",
        )
    if setting.owner == "endpoint" or (name == "type" and setting.owner.endswith(" endpoint")):
        kind = setting.value
        if isinstance(kind, str) and kind not in facts["endpoints"]:
            yield Problem(
                rule=ENDPOINT_NOT_AT_PROVIDER,
                place=Place(setting.path),
                message=f"{title} does not document {kind} endpoints",
                hint=f"its pages have {choice_words(facts['endpoints'])}",
            )
    for limit in facts["limits"]:
        if limit["in"] == setting.owner and limit["option"] == name and _over(setting.value, limit):
            yield Problem(
                rule=OPTION_NOT_AT_PROVIDER,
                place=Place(setting.path),
                message=f"{title} does not document this {name}",
                hint=limit["why"],
            )


def _over(value: Any, limit: dict[str, Any]) -> bool:
    if "allowed" in limit:
        return value not in limit["allowed"]
    if "longest" in limit:
        return isinstance(value, str) and len(value) > limit["longest"]
    return isinstance(value, (int, float)) and value > limit["most"]
