"""Proposals where a call branches: the outcomes of a question, where they lead, steps and what is given to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ncco_lang.editor.completion.values import Proposer, value_proposals
from ncco_lang.editor.snippets import placeholder
from ncco_lang.editor.types import Completion
from ncco_lang.program.bindings import Binding, Scope
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.language_words import outcomes, targets, words_in
from ncco_lang.vocabulary.statement_specs import StatementSpec

_SIGNS = "1234567890*#"
_STATUSES = ("404", "4xx", "5xx")
"""The statuses of servers that flows tell apart most."""
_WORDS = (ast.Number, ast.Key, ast.Name, ast.Status)


def arms(word: Span, spec: StatementSpec, entries: Iterable[ast.Node], *, has_rest: bool) -> Iterator[Completion]:
    """Propose what can come of a question and has no arm yet: keys, a phrase, outcomes.

    Args:
        entries: those of the question's block.
        has_rest: the arrow is written.
    """
    taken = set(_patterns(entries))
    arrow = "" if has_rest else " -> $0"
    known = words_in("arms")
    if "key" in spec.arms and known["key"].is_offered:
        for number, sign in enumerate(each for each in _SIGNS if each not in taken):
            docs = known["key"].doc
            yield Completion(sign, "value", word, sign + arrow, "key", docs, not has_rest, sort=f"3{number:02}")
    if "phrase" in spec.arms and known["phrase"].is_offered:
        docs = known["phrase"].doc
        yield Completion('"phrase"', "snippet", word, f'"$1"{arrow}', "phrase", docs, is_snippet=True, sort="37")
    for number, code in enumerate(each for each in _STATUSES if "status" in spec.arms and each not in taken):
        docs = known["status"].doc
        yield Completion(code, "value", word, code + arrow, "status", docs, not has_rest, sort=f"36{number:02}")
    for number, name in enumerate(each for each in spec.arms if each in outcomes() and each not in taken):
        if known[name].is_offered:
            docs = known[name].doc
            yield Completion(name, "keyword", word, name + arrow, "outcome", docs, not has_rest, sort=f"38{number:02}")


def _patterns(entries: Iterable[ast.Node]) -> Iterator[str]:
    """Yield the keys, statuses and outcomes that arms name, those in conditions too."""
    for entry in entries:
        match entry:
            case ast.Arm():
                yield from (each.text for each in entry.patterns if isinstance(each, _WORDS))
            case ast.If():
                for branch in entry.branches:
                    yield from _patterns(branch.block.entries)
                yield from _patterns(() if entry.otherwise is None else entry.otherwise.entries)
            case ast.Each():
                yield from _patterns(entry.block.entries)
            case _:
                pass


def ready_made(word: Span) -> Iterator[Completion]:
    """Propose the targets of an arm that are not steps."""
    known = words_in("statements")
    for number, name in enumerate(name for name in known if name in targets()):
        if known[name].is_offered:
            yield Completion(name, "keyword", word, name, "target", known[name].doc, sort=f"0~{number}")


def steps(word: Span, scope: Scope, *, has_arguments: bool) -> Iterator[Completion]:
    """Propose the steps of the file and those that it imports, each with places for what it takes."""
    for name, binding in scope.visible().items():
        step = _step(binding)
        if binding.kind not in ("step", "import") or (binding.kind == "import" and step is None):
            continue
        parameters = (step.parameters or ()) if step is not None else ()
        insert = name
        if parameters and not has_arguments:
            given = (placeholder(number, each.name.text) for number, each in enumerate(parameters, 1))
            insert = f"{name}({', '.join(given)})"
        detail = ", ".join(f"{each.name.text}: {each.type.text}" for each in parameters)
        title = f"step {name}({detail})" if parameters else f"step {name}"
        yield Completion(name, "step", word, insert, title, "", "$" in insert, sort=f"0{name}")


def arguments(proposer: Proposer, scope: Scope, name: str, index: int) -> Iterator[Completion]:
    """Propose values for a parameter of a step, by its type."""
    binding = scope.find(name)
    step = None if binding is None else _step(binding)
    parameters = (step.parameters or ()) if step is not None else ()
    if index < len(parameters):
        yield from value_proposals(proposer, parameters[index].type.text)


def _step(binding: Binding) -> ast.Step | None:
    """Return the declaration of a step, maybe in another file."""
    if isinstance(binding.node, ast.Step):
        return binding.node
    origin = None if binding.origin is None else binding.origin.declaration
    return origin if isinstance(origin, ast.Step) else None
