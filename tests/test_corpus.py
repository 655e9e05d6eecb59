"""Real NCCOs, read from a folder next to the project: each gets the findings that the reference requires.

A script made their index. If it contradicts the reference, the reference is right: those documents are listed here by
name, each with its reason.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.checker import check_ncco, fix
from ncco_lang.compiler import compile_text
from ncco_lang.decompiler import decompile_source, is_equal
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.formatter import format_text
from ncco_lang.source import Source
from ncco_lang.vocabulary.ncco_schema import is_valid

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "dev"
pytestmark = pytest.mark.skipif(not (CORPUS / "index.json").is_file(), reason=f"no corpus at {CORPUS}")

# Documents without oddities in the index that the reference refuses: the rule that reports each.
REFUSED_BY_THE_REFERENCE = {
    "003f9df317f9": "out-of-range",  # section 2: record.timeOut 3..7200, here 7201
    "062d279110d4": "barge-in-without-input",  # N54: none is an error
    "12eb096508a8": "unknown-value",  # section 7: mode, here "syncronus"
    "1633871d95e9": "unknown-value",  # section 1: eventMethod GET or POST, here PUT
    "16575c00184d": "unknown-value",  # section 2: endOnKey is one key, here "10"
    "32e7c3b94f40": "barge-in-without-input",  # N54
    "3a2b8108a6e4": "retired-action",  # N49: pay is an error unless allowed
    "3ea64c865a43": "retired-action",  # N49
    "40e1537736d0": "barge-in-without-input",  # N54
    "520760de5b37": "malformed-value",  # section 4.3: ws:// or wss://, here https://
    "56d60931fe7c": "malformed-value",  # section 1: eventUrl begins with http, here "invalid.url"
    "bc9dcc90bb4c": "malformed-value",  # section 1: the same, here an empty text
    "c2418d349b6f": "retired-action",  # N49
    "c65197e9407f": "barge-in-without-input",  # N54
    "cee313edcaf6": "unknown-value",  # section 4.3: content-type, here "content-type"
    "d6337b713600": "out-of-range",  # section 2: record.endOnSilence 3..10, here 2
    "e21971c06d4c": "retired-action",  # N49
    "ecc31148e509": "unknown-value",  # section 4.3: content-type, here "content-type"
    "f2b374035e5e": "barge-in-without-input",  # N54
    "f8625174f777": "unknown-value",  # section 2: split, here "yes"
    "fc7d59877bcd": "barge-in-without-input",  # N54
}

# Documents whose placeholder the index did not count, because it is in capitals or in an id.
UNCOUNTED_PLACEHOLDERS = {
    "5e828adab87b",
    "7807808af0cd",
    "90626eb60f28",
    "a2cb38fed4c3",
    "ba4b77b24800",
    "ec357fd8fec4",
    "cc4b2ce04e09",
    "fe18a234150f",
}

# Oddities of the index that the reference allows.
ALLOWED_BY_THE_REFERENCE = {"unknown option connect.advancedMachineDetection.beep_timeout"}  # section 4.6

COUNTS = {
    "F302 unknown-option": 9,
    "F303 missing-option": 8,
    "F304 wrong-type": 4,
    "F305 out-of-range": 4,
    "F306 unknown-value": 9,
    "F307 malformed-value": 5,
    "F308 conflicting-options": 1,
    "F309 wrong-count": 1,
    "F312 placeholder": 203,
    "F313 unusual-value": 50,
    "F315 undocumented-option": 6,
    "F316 retired-action": 4,
    "F320 plain-http": 29,
    "F321 impossible-number": 1,
    "F322 unassigned-number": 34,
    "F323 unreachable-address": 3,
    "F350 text-for-list": 26,
    "F352 text-for-value": 69,
    "F353 older-name": 7,
    "F354 flat-input": 30,
    "F355 input-without-type": 23,
    "F356 misspelt-value": 1,
    "F359 channels-without-split": 1,
    "F360 legacy-voice": 42,
    "F361 number-form": 3,
    "F401 barge-in-without-input": 14,
    "F403 unheard-answer": 20,
    "F404 barge-in-on-greeting": 23,
    "F502 recording-cut-short": 14,
    "F503 room-nobody-starts": 6,
    "F504 behind-conversation": 2,
    "F505 recording-ends-too-early": 1,
    "F507 asynchronous-input-last": 2,
    "F601 speech-too-long": 1,
    "F609 spoken-digits": 2,
    "F611 unfilled-speech": 39,
}
"""How many findings each rule has in all documents; a rule that is not here has none."""

PRESCRIBED: tuple[tuple[str, set[str]], ...] = (
    (r"legacy option talk\.voiceName", {"legacy-voice"}),  # N30
    (r"legacy option input\.", {"flat-input"}),  # N36
    (r"string for array ", {"text-for-list"}),  # N1, N7, N53
    (r"string for (boolean|number) ", {"text-for-value", "wrong-type"}),  # N53; "invalid" spells neither
    (r"boolean for (array|string) ", {"wrong-type"}),
    (r"unknown option connect\.advanced_machine_detection", {"older-name"}),  # N18
    (r"unknown option transfer\.conversation_id", {"older-name"}),  # N48
    (r"unknown option talk\.voice_name", {"older-name"}),  # N30
    (r"unknown option ", {"unknown-option"}),
    (r"missing transfer\.conversationId", {"older-name"}),  # N48: it is there under its older name
    (r"missing ", {"missing-option"}),
    (r"stream\.streamUrl of 0", {"wrong-count"}),
)


@cache
def index() -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = json.loads((CORPUS / "index.json").read_text(encoding="utf-8"))
    return entries


@cache
def text_of(name: str) -> str:
    folder = CORPUS / "invalid" if "invalid" in index()[name]["flags"] else CORPUS
    return (folder / f"{name}.json").read_text(encoding="utf-8")


@cache
def findings(name: str) -> tuple[Diagnostic, ...]:
    return tuple(check_ncco(Source(f"{name}.json", text_of(name))))


def errors(name: str) -> set[str]:
    return {finding.rule.name for finding in findings(name) if finding.severity == "error"}


def clean() -> list[str]:
    return [name for name, entry in index().items() if not entry["oddities"] and "invalid" not in entry["flags"]]


def odd() -> list[str]:
    return [name for name, entry in index().items() if entry["oddities"]]


def test_the_counts_of_the_corpus() -> None:
    assert len(index()) == 396
    assert len(clean()) == 279
    assert len(odd()) == 111
    assert sum("invalid" in entry["flags"] for entry in index().values()) == 6


def test_the_counts_of_findings_by_rule() -> None:
    counted = Counter(f"{finding.rule.code} {finding.rule.name}" for name in index() for finding in findings(name))
    assert dict(sorted(counted.items())) == COUNTS


def test_clean_documents_get_no_error_but_for_placeholders() -> None:
    with_placeholder = {name for name in clean() if "placeholder" in errors(name)}
    for name in clean():
        wanted = {"placeholder"} if name in with_placeholder else set()
        if name in REFUSED_BY_THE_REFERENCE:
            wanted = wanted | {REFUSED_BY_THE_REFERENCE[name]}
        assert errors(name) == wanted, name
    assert with_placeholder >= UNCOUNTED_PLACEHOLDERS
    assert len(with_placeholder - UNCOUNTED_PLACEHOLDERS) == 63
    assert len(clean()) - len(with_placeholder) - len(REFUSED_BY_THE_REFERENCE) == 187


def test_invalid_documents_are_findings() -> None:
    for name in index():
        if "invalid" in index()[name]["flags"]:
            assert errors(name), name


def places(oddity: str) -> str:
    """Return the option that an oddity names, such as `endOnSilence`."""
    return re.split(r"[. ]", oddity.removesuffix(" of 0"))[-1]


def test_every_oddity_gets_its_finding() -> None:
    counted = 0
    for name in odd():
        for oddity in index()[name]["oddities"]:
            if oddity in ALLOWED_BY_THE_REFERENCE:
                continue
            rules = next(rules for pattern, rules in PRESCRIBED if re.match(pattern, oddity))
            key = places(oddity)
            named = [finding for finding in findings(name) if finding.rule.name in rules]
            assert any(key in finding.message or key in covered(finding) for finding in named), (name, oddity)
            counted += 1
    assert counted == 211


def covered(finding: Diagnostic) -> str:
    """Return the text around a finding: its own span and its labels."""
    spans = [finding.span, *(label.span for label in finding.labels)]
    return " ".join(finding.source.text[max(span.start - 40, 0) : span.end] for span in spans)


def test_fixes_make_odd_documents_valid() -> None:
    valid = 0
    for name in odd():
        fixed = fix(text_of(name), unsafe=True)
        assert not [left for left in fixed.remaining if left.fix is not None], name
        unfixable = {left.rule.name for left in fixed.remaining if left.severity == "error"}
        number_form = any(left.rule.name in ("number-form", "older-range") for left in fixed.remaining)
        schema_errors = unfixable - {"barge-in-without-input", "retired-action", "speech-too-long"}
        assert is_valid(json.loads(fixed.source.text)) == (not schema_errors and not number_form), name
        before = {finding.rule.name for finding in findings(name)}
        assert unfixable <= before, name
        valid += is_valid(json.loads(fixed.source.text))
    assert valid == 55


def test_safe_fixes_alone_leave_no_safe_fix() -> None:
    for name in odd():
        fixed = fix(text_of(name))
        assert not [left for left in fixed.remaining if left.fix is not None and not left.fix.unsafe], name


# ── There and back ─────────────────────────────────────────────────────────────────────────────────────


def actions_of(text: str) -> list[Any]:
    """Return the actions of a document that is an array."""
    return list(json.loads(text))


def comes_back(text: str) -> str:
    """Return the flow of a document, after checking that it compiles to an equal document and is formatted."""
    decompiled = decompile_source(Source("corpus", text))
    assert decompiled.text is not None, decompiled.diagnostics
    assert is_equal(compile_text(decompiled.text).ncco, json.loads(text))
    assert format_text(decompiled.text).text == decompiled.text
    return decompiled.text


def test_documents_that_pass_and_documents_that_are_fixed_come_back_equal() -> None:
    passing = [name for name in index() if not errors(name) and text_of(name).lstrip().startswith("[")]
    results = {name: fix(text_of(name), unsafe=True) for name in index()}
    fixed = {
        name: result.source.text
        for name, result in results.items()
        if result.applied and not any(left.severity == "error" for left in result.remaining)
    }
    flows = [comes_back(text_of(name)) for name in passing]
    flows_of_fixed = [comes_back(text) for text in fixed.values()]
    assert (len(passing), len(fixed)) == (233, 68)
    raw = sum(len(re.findall(r"^raw ", flow, re.MULTILINE)) for flow in (*flows, *flows_of_fixed))
    count = sum(len(actions_of(text)) for text in (*map(text_of, passing), *fixed.values()))
    # Legacy forms that the schema refuses and retired actions have no statement.
    assert (raw, count) == (41, 402)


def test_an_unknown_option_in_every_action_keeps_the_statements() -> None:
    """The same statements as without it: only those of actions that were whole in `raw` are."""
    passing = [name for name in index() if not errors(name) and text_of(name).lstrip().startswith("[")]
    for name in passing[::4]:
        actions = actions_of(text_of(name))
        for action in actions:
            action["newOption"] = {"as": "{it}"}
        verbs = [
            [line.split()[0] for line in re.findall(r"^[a-z].*", flow, re.MULTILINE) if "default" not in line]
            for flow in (comes_back(text_of(name)), comes_back(json.dumps(actions)))
        ]
        assert verbs[0] == verbs[1], name
