"""Names in a side table: which declaration each place means, and the slots of the names that a call knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from ncco_lang.compiler import CompileOptions, bind_parsed
from ncco_lang.program.bindings import Scopes
from ncco_lang.program.model import Program
from ncco_lang.program.scope_checks import check_scopes, check_unused
from ncco_lang.program.scopes import read_scopes
from ncco_lang.program.uses import find_uses, read_bindings
from ncco_lang.source import Source
from ncco_lang.syntax.parse import parse_flow
from tests.imported import files_of
from tests.test_linear import steps

LANGUAGE = Path(__file__).resolve().parent.parent / "../shared/design/language.md"

FLOW = """use goodbye from "shared.flow"
param desk: phone = "+44 20 7946 0123"
text key_in { en-GB: "Key in your code, {who}." }
on completed { if defined(chosen) { fetch "https://example.com/{chosen}" { otherwise -> go_on } } }
anywhere { "help" -> repeat }
step start {
    ask code key_in digits: 6 { give_up -> goodbye }
    fetch "https://example.com/{code}" into: slots { 404 -> retry code "Unknown."; otherwise -> goodbye }
    menu {
        each slot in slots { talk "{key}: {slot | date}"; key -> book(slot) }
        otherwise, give_up -> { set who = "nobody"; set language = en-GB; goto goodbye }
    }
}
step book(slot: text) {
    each part in slots[0] { each slots in part { talk "{key} {slots} {slot} {length(slots)}" } }
    set chosen = slot
    record "Speak." into: message { format: wav; otherwise -> goodbye; give_up -> goodbye }
    connect phone desk on_answer: whisper(code) timeout: 20s { busy, otherwise, give_up -> goodbye }
}
step whisper(about: text) { menu about { 1 -> accept; otherwise -> decline } }
arg who: text = "you"
"""


def program_of(text: str, files: Mapping[str, str] | None = None) -> Program:
    source = Source("x.flow", text)
    return bind_parsed(source, parse_flow(source)[0], CompileOptions(), None if files is None else files_of(files))


def scopes_of(text: str, files: Mapping[str, str] | None = None) -> Scopes:
    return program_of(text, files).scopes


def meanings(program: Program) -> list[str]:
    """Return each use in the order of the text as `line name: kind line-of-its-declaration`."""
    source, found = program.source, []
    for span, binding in sorted(find_uses(program), key=lambda use: use.span):
        declared = source.position(binding.words[0].span.start if binding.words else binding.node.span.start).line
        line = source.position(span.start).line
        found.append(f"{line} {source.text[slice(*span)]}: {binding.kind} {declared}")
    return found


def findings(text: str, files: Mapping[str, str] | None = None) -> list[str]:
    program = program_of(text, files)
    found = [*check_scopes(program.scopes), *check_unused(program.scopes, read_bindings(program))]
    return [
        f"{each.span.start} {each.rule.code} {each.message}"
        + "".join(f" [{(label.source or each.source).name} {label.span.start}]" for label in each.labels)
        for each in sorted(found, key=lambda each: each.span)
    ]


def test_each_name_means_the_declaration_that_is_nearest_inside_out() -> None:
    found = meanings(program_of(FLOW))
    assert [each for each in found if each.startswith("10 ")] == [
        "10 slots: result 8",
        "10 key: key 10",
        "10 slot: each 10",
        "10 key: key 10",
        "10 book: step 14",
        "10 slot: each 10",
    ]
    assert [each for each in found if each.startswith("15 ")] == [
        "15 slots: result 8",
        "15 part: each 15",
        "15 key: key 15",
        "15 slots: each 15",
        "15 slot: parameter 14",
        "15 slots: each 15",
    ]
    # Words of the language and of options are not names, and names of the call are known before they are set.
    assert [each for each in found if each[:2] in ("4 ", "5 ", "7 ", "11", "17", "18", "20")] == [
        "4 chosen: variable 16",
        "4 chosen: variable 16",
        "7 code: question 7",
        "7 key_in: text 3",
        "7 goodbye: import 1",
        "11 who: arg 21",
        "11 goodbye: import 1",
        "17 message: result 17",
        "17 goodbye: import 1",
        "17 goodbye: import 1",
        "18 desk: param 2",
        "18 whisper: step 20",
        "18 code: question 7",
        "18 goodbye: import 1",
        "20 about: parameter 20",
    ]


def test_what_a_call_knows_has_a_slot_and_what_is_fixed_has_none() -> None:
    scopes = scopes_of(FLOW)
    assert [binding.name for binding in scopes.slots] == [
        *("who", "code", "slots", "slot", "key", "slot", "part", "key", "slots", "key", "chosen", "message", "about"),
    ]
    assert [binding.slot for binding in scopes.slots] == list(range(len(scopes.slots)))
    assert {each.name for each in scopes.bindings if each.slot is None} == {
        *("goodbye", "desk", "key_in", "start", "book", "whisper")
    }


def test_a_name_of_the_call_knows_every_place_that_sets_it() -> None:
    program = program_of(
        'step start {\n    set a = 1\n    ask a "A?" speech { 1 -> retry a "B?" }\n}\nstep other {\n    fetch "x" into: a\n}\n'
    )
    binding = program.scopes.call.names["a"]
    assert len([use for use in find_uses(program) if use.binding is binding]) == 4
    assert [program.source.position(word.span.start).line for word in binding.words] == [2, 3, 6]
    assert binding.kind == "question"


@pytest.mark.parametrize(
    "broken", ["step order ( {", "stap order {", "use order, from ", "step order(a: ) {", "step order"]
)
def test_a_part_of_a_text_that_cannot_be_read_is_not_missing(broken: str) -> None:
    text = f"step start {{\n    goto order\n    goto agent\n}}\n{broken}\n    wait 1s\n}}\n"
    assert [each for each in findings(text) if "F201" in each] == ['37 F201 there is no step "agent"']


def test_names_of_other_files_are_found_there() -> None:
    files = {"shared.flow": 'let hello = "x"\nstep goodbye { talk hello }\n'}
    text = 'use goodbye, hello from "shared.flow"\nuse other from "lost.flow"\nstep start { goto %s }\n'
    assert findings(text % "goodbye", files) == [
        "13 F203 nothing reads the imported name hello [shared.flow 4]",
        "42 F203 nothing reads the imported name other",
    ]
    assert '83 F201 "hello" is an imported name, not a step [shared.flow 4]' in findings(text % "hello", files)
    assert [each for each in findings(text % "other", files) if "F201" in each] == []


def test_what_an_imported_step_sets_belongs_to_this_call_too() -> None:
    files = {
        "shared.flow": 'use more from "more.flow"\nstep goodbye { set mood = "good"; ask code "?" speech; goto more }\n',
        "more.flow": 'step more { fetch "https://example.com" into: found { otherwise -> go_on } }\n',
    }
    text = 'use goodbye from "shared.flow"\nstep start(found: text) { talk "{mood} {code} {found}"; set code = 1; do goodbye }\n'
    assert findings(text, files) == []
    scopes = scopes_of(text, files)
    assert [binding.name for binding in scopes.slots] == ["found", "code", "mood", "found"]
    elsewhere = {
        name: place and (place[1].name, place[1].text[slice(*place[0])])
        for name, binding in scopes.call.visible().items()
        for place in [binding.elsewhere]
    }
    assert elsewhere == {
        "goodbye": ("shared.flow", "goodbye"),
        "mood": ("shared.flow", "mood"),
        "found": ("more.flow", "found"),
        "code": None,
        "start": None,
    }


def test_a_file_without_an_entry_is_for_others() -> None:
    library = 'param desk: phone = "+44 20 7946 0123"\nstep voicemail(idle: text) { record end_on_key: #; set left = 1 }\nfallback voicemail\n'
    assert findings(library) == ["54 F203 nothing reads the parameter idle"]
    assert len(findings(library + "step start { wait 1s }\n")) == 3


def test_every_branching_flow_of_the_language_description_has_its_names() -> None:
    if not LANGUAGE.exists():
        pytest.skip("the language description is not beside the project")
    samples = re.findall(r"```flow\n(.*?)```", LANGUAGE.read_text("utf-8"), re.DOTALL)
    assert findings(samples[0]) == []
    assert findings(samples[1]) == []
    # The second fragment goes on with the first; nothing leads to two of its steps, nor to those after them, and it
    # leaves one out.
    both = [each.split(" ", 1)[1].partition(" [")[0] for each in findings(samples[1] + samples[2])]
    assert both == [
        "S102 nothing leads to the step move_visit",
        "S102 no call gets to the step book",
        "S102 no call gets to the step leave_message",
        "S102 no call gets to the step whisper",
        "S102 nothing leads to the step wait_for_doctor",
        'F201 there is no step "doctor_joins"',
    ]


@pytest.mark.parametrize(
    "unit",
    [
        "step s{n}(p{n}: text) {{ each x in p{n} {{ talk x; set v{n} = x }}; goto t{n}; goto s{n} }}\n",
        'set a = {n}; ask b{n} "?" speech {{ otherwise -> s }}\n',
        "if a {{ set b = {n} }} else if b {{ set c = 1 }}\n",
        'param p{n}: text = "x"\nparam p{n}: text = "y"\n',
    ],
)
def test_names_take_steps_in_proportion_to_the_text(unit: str) -> None:
    def count(size: int) -> int:
        text = "step s { wait 1s }\n" + "".join(unit.format(n=n) for n in range(size))
        program = program_of(text)

        def run() -> None:
            again = read_scopes(program.file, program.source)
            assert list(check_scopes(again)) is not None
            assert list(check_unused(again, read_bindings(program))) is not None

        return steps(run)

    count(2)
    # Only 50 meant names are guessed, so the smaller text has more unknown ones.
    assert count(240) < 4.4 * count(60) + 400
