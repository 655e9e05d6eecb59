"""Imports: what is read from other files, and what is wrong with them."""

from __future__ import annotations

import pytest

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.program import imports
from ncco_lang.program.imports import OtherFile, Unread, read_imports
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.parse import parse_flow
from tests.imported import Files, check_in, files_of

TALK = 'talk "Hello."\n'


def marked(source: Source, span: Span) -> str:
    return f"{source.name}: {source.text[span.start : span.end]}"


def shown(found: list[Diagnostic]) -> list[tuple[str, ...]]:
    """Return the findings: code, place, message, and the labels with their places."""
    return [
        (
            each.rule.code,
            marked(each.source, each.span),
            each.message,
            *(f"{marked(label.source or each.source, label.span)}: {label.text}" for label in each.labels),
        )
        for each in found
    ]


def test_each_kind_of_declaration_can_be_imported() -> None:
    other = (
        'param a: text = "x"\nlet b = 1\narg c: text = "x"\nhours d "Europe/Amsterdam" { mon 09:00-17:00 }\n'
        'text e { en-GB: "x" }\nstep f { talk "x" }\n'
    )
    source = Source("menu.flow", f'use a, b, c, d, e, f from "shared/other.flow"\n{TALK}')
    read = read_imports(parse_flow(source)[0], source, files_of({"shared/other.flow": other}))
    assert read.findings == ()
    kinds = [ast.Param, ast.Let, ast.Arg, ast.Hours, ast.TextDeclaration, ast.Step]
    assert [type(each.declaration) for each in read.names.values()] == kinds
    assert {each.source.name for each in read.names.values() if each.source} == {"shared/other.flow"}


def test_without_a_reader_names_have_no_declarations() -> None:
    source = Source("menu.flow", 'use a, b from "x.flow"\nuse a from "y.flow"\n')
    read = read_imports(parse_flow(source)[0], source, None)
    assert read.findings == ()
    assert {name: marked(source, each.word.span) for name, each in read.names.items()} == {
        "a": "menu.flow: a",
        "b": "menu.flow: b",
    }
    assert read.names["a"].word.span.start == 4


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("other.flow", "there is no such file"),
        ("", "it is not a .flow file"),
        ("ncco.toml", "it is not a .flow file"),
        ("../secret.flow", "it is outside the project"),
        ("a/../../secret.flow", "it is outside the project"),
        ("/etc/secret.flow", "it is outside the project"),
        ("{name}.flow", "its path has a value in braces"),
    ],
)
def test_a_file_that_cannot_be_imported(path: str, why: str) -> None:
    (found,) = check_in({"menu.flow": f'{TALK}use bye from "{path}"\n'})
    assert (found.rule.code, found.message.partition(": ")[2]) == ("F219", why)
    assert marked(found.source, found.span) == f'menu.flow: "{path}"'


def test_paths_begin_at_the_folder_of_their_file() -> None:
    texts = {
        "calls/day/menu.flow": f'use a from "./deep/../../a.flow"\nuse b from "b.flow"\n{TALK}',
        "calls/a.flow": "let a = 1",
        "calls/day/b.flow": "let b = 1",
    }
    assert check_in(texts, "calls/day/menu.flow") == []


@pytest.mark.parametrize(
    "text",
    [
        "talk bye",
        'talk "{bye}"',
        "connect phone bye",
        "let x = bye\ntalk x",
        "param x: text = bye\ntalk x",
        "param x: number = bye\nwait 1s level: x",
        'notify "https://example.com/e" payload: { "a": [bye] }',
        "default talk level: bye\ntalk 'x'",
        "step start { if bye == 1 { talk bye } }",
    ],
)
def test_an_imported_name_can_be_read(text: str) -> None:
    """Its value is not known yet, so nothing is said of it; and it is not unused."""
    found = check_in({"menu.flow": f'use bye from "a.flow"\n{text}\n', "a.flow": 'let bye = "x"'})
    assert [each.message for each in found if "bye" in each.message] == []


def test_an_imported_step_can_be_a_target() -> None:
    texts = {"menu.flow": 'use bye from "a.flow"\nstep start { goto bye }\n', "a.flow": 'step bye { talk "Bye." }\n'}
    assert check_in(texts) == []
    (found,) = check_in({**texts, "a.flow": "let bye = 1\n"})
    assert (found.rule.code, marked(found.source, found.span)) == ("F201", "menu.flow: bye")


def test_a_name_that_the_other_file_does_not_declare() -> None:
    use = 'use {} from "o.flow"\n' + TALK
    other = 'let one = 1\nuse gone from "p.flow"\nlet three = 3\n'
    cases = [
        ("thre", other, "o.flow: three: this is declared"),
        ("gone", other, 'o.flow: "p.flow": it is only imported here'),
        ("zebra", other, "o.flow: : this file declares one, three"),
        ("zebra", TALK, "o.flow: : this file declares nothing"),
        (
            "zebra",
            "".join(f"let n{i} = {i}\n" for i in range(9)),
            "o.flow: : this file declares n0, n1, n2, n3 and 5 more",
        ),
        ("zebra", "let = 1\nlet two = 2\n", "o.flow: =: this file has a syntax error"),
    ]
    for name, text, label in cases:
        found = check_in({"menu.flow": use.format(name), "o.flow": text, "p.flow": "let gone = 1"})
        assert shown(found) == [("F201", f"menu.flow: {name}", f'"o.flow" declares no "{name}"', label)]


def test_a_cycle_is_shown_in_each_file_and_from_each_file() -> None:
    texts = {
        "menu.flow": f'use a from "sub/a.flow"\n{TALK}',
        "sub/a.flow": 'use b from "../b.flow"\nlet a = 1\n',
        "b.flow": 'use m from "menu.flow"\nuse c from "c.flow"\nlet b = 1\n',
        "c.flow": "let c = 1\n",
    }
    (cycle,) = (each for each in check_in(texts) if each.rule.code == "F220")
    assert shown([cycle]) == [
        (
            "F220",
            'menu.flow: "sub/a.flow"',
            '"sub/a.flow" imports this file, through others',
            'sub/a.flow: "../b.flow": this imports "../b.flow"',
            'b.flow: "menu.flow": this imports "menu.flow"',
        )
    ]
    for home in ("sub/a.flow", "b.flow"):
        (cycle,) = (each for each in check_in(texts, home) if each.rule.code == "F220")
        assert cycle.source.name == home
        assert len(cycle.labels) == 2
    assert [each.rule.code for each in check_in(texts, "c.flow")] == ["F346"]


def test_a_file_that_imports_itself_or_its_importer() -> None:
    found = check_in({"menu.flow": 'let a = "x"\nuse a from "menu.flow"\ntalk a\n'})
    assert ("F220", 'menu.flow: "menu.flow"', "this file imports itself") in shown(found)
    texts = {"menu.flow": f'use a from "a.flow"\n{TALK}', "a.flow": 'use m from "./menu.flow"\nlet a = 1\n'}
    (cycle,) = check_in(texts)
    assert (cycle.message, len(cycle.labels)) == ('"a.flow" imports this file', 1)


def test_a_cycle_of_others_is_theirs() -> None:
    texts = {
        "menu.flow": f'use a from "a.flow"\n{TALK}',
        "a.flow": 'use b from "b.flow"\nlet a = 1\n',
        "b.flow": 'use a from "a.flow"\nlet b = 1\n',
    }
    assert check_in(texts) == []


def test_too_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_FILES", 20)
    chain = {f"f{i}.flow": f'use n{i + 1} from "f{i + 1}.flow"\nlet n{i} = 1\n' for i in range(30)}
    (found,) = check_in({"menu.flow": f'{TALK}use n0 from "f0.flow"\nstep a {{ talk n0 }}\n', **chain})
    assert shown([found]) == [
        ("F219", 'menu.flow: "f0.flow"', 'cannot import "f0.flow": it leads to more than 20 files')
    ]
    many = "".join(f'use n{i} from "f{i}.flow"\n' for i in range(30))
    refused = [each for each in check_in({"menu.flow": many, **chain}) if each.rule.code == "F219"]
    assert [marked(each.source, each.span) for each in refused[:10]] == [
        f'menu.flow: "f{i}.flow"' for i in range(20, 30)
    ]
    monkeypatch.setattr(imports, "MOST_TEXT", 1 << 20)
    large = {f"{name}.flow": f"let {name} = 1\n//{'x' * (1 << 19)}" for name in "abc"}
    text = "".join(f'use {name} from "{name}.flow"\nstep s{name} {{ talk {name} }}\n' for name in "abc")
    (found,) = (each for each in check_in({"menu.flow": text, **large}) if each.rule.code == "F219")
    assert found.message == 'cannot import "c.flow": it leads to more than 1 MiB of text'


def test_each_file_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def counted(source: Source) -> tuple[ast.File, list[Diagnostic]]:
        parsed.append(source.name)
        return parse_flow(source)

    monkeypatch.setattr(imports, "parse_flow", counted)
    texts = {
        f"f{i}.flow": "".join(f'use n{j} from "f{j}.flow"\n' for j in range(20)) + f"let n{i} = 1\n" for i in range(20)
    }
    files = files_of(texts)
    for home in texts:
        source = Source(home, texts[home])
        found = read_imports(parse_flow(source)[0], source, Files(home, files.files)).findings
        assert [each.rule.code for each in found] == ["F220"] * 20
    assert sorted(parsed) == sorted(texts)


def test_a_reader_may_know_a_file_by_two_paths() -> None:
    """A link to the importing file, and one to a folder above, lead to a cycle and not to endless reading."""
    home = OtherFile("menu.flow", Source("menu.flow", ""))
    text = f'use a from "link.flow"\nuse b from "gone.flow"\n{TALK}'
    source = Source("menu.flow", text)
    reader = Files("menu.flow", {"link.flow": home, "gone.flow": Unread("the disk is on fire")})
    found = read_imports(parse_flow(source)[0], source, reader).findings
    assert [each.message for each in found if each.rule.code != "F201"] == [
        'cannot import "gone.flow": the disk is on fire',
        "this file imports itself",
    ]
