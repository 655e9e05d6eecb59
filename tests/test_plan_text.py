"""The text of a plan: with nothing to do, with empty lines, and with digests that are not kept."""

from __future__ import annotations

from ncco_lang.api.types import Settings
from ncco_lang.cli.plan_text import marks_to_draw, render_plan
from ncco_lang.deploy.plan import Change, FieldChange, Plan
from ncco_lang.deploy.state import Deployed, State

MARK = "0123456789abcdef"
OTHER = "fedcba9876543210"
LOST = "5" * 16


def created(key: str, mark: str) -> Change:
    document = f"{mark}/{'0' * 20}.json"
    address = FieldChange(name="answer_url", before=None, after=f"https://x.example.com/{document}")
    return Change(kind="create", key=key, mark=mark, fields=(address,), document_after=document, upload=True)


def test_a_plan_without_changes_says_so() -> None:
    assert render_plan(Plan(), {}, {}, {}, keys="keys", colour=False) == "no application to change\n"


def test_no_line_ends_with_a_space() -> None:
    plan = Plan(changes=(created("main", MARK),))
    diffs = {"main": ["+ default talk en-GB", "+ ", "  ", '+ talk "Hello."']}
    text = render_plan(plan, {}, {}, diffs, keys="keys", colour=False)
    assert '+ talk "Hello."' in text
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


def test_marks_that_another_run_draws_anew_are_not_shown() -> None:
    changes = (
        created("main", MARK),
        created("cut-off", OTHER),
        created("lost", LOST),
        Change(kind="delete", key="old", mark="a" * 16),
    )
    plan = Plan(changes=changes)
    lost = Deployed(mark=LOST, id="id", settings=Settings(), document=f"{LOST}/{'0' * 20}.json")
    drawn = marks_to_draw(plan, State(applications={"lost": lost}, begun={"cut-off": OTHER}))
    assert drawn == {MARK}
    text = render_plan(plan, {}, {}, {}, keys="keys", colour=False, drawn=drawn)
    assert MARK not in text
    assert f'"https://x.example.com/(new)/{"0" * 20}.json"' in text
    assert f"https://x.example.com/{OTHER}/" in text
    assert MARK in render_plan(plan, {}, {}, {}, keys="keys", colour=False)
