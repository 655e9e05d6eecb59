"""The tail of a document: what a caller hears when the runtime does not answer. The platform plays it, no webhook."""

from __future__ import annotations

from typing import Any

from ncco_lang.bundle import Block, Branch, Dial, Enter, Goto, Jump, Say
from ncco_lang.engine.actions import UnusableError, actions_of
from ncco_lang.engine.values import CallValues
from ncco_lang.values.data import UNDEFINED

SORRY = {
    "de": "Entschuldigung, es ist ein Fehler aufgetreten.",
    "en": "Sorry, something went wrong.",
    "es": "Lo sentimos, se ha producido un error.",
    "fr": "Désolé, une erreur est survenue.",
    "it": "Ci scusiamo, si è verificato un errore.",
    "nl": "Sorry, er is iets misgegaan.",
    "pt": "Lamentamos, ocorreu um erro.",
}
"""What the tail says by language, unless the flow has `text sorry`; English in any other language."""


def tail_of(values: CallValues) -> list[dict[str, Any]]:
    """Return the actions of the tail: a sentence, and the route that needs no runtime as far as it is certain."""
    return values.prepared(("tail",), _made)


def _made(values: CallValues) -> list[dict[str, Any]]:
    texts, language = values.bundle.texts, values.state.language or "en"
    sentence = (
        ["declared", "sorry"] if language in texts.get("sorry", {}) else SORRY.get(language.split("-")[0], SORRY["en"])
    )
    return [*_usable(Say("talk", (), (("text", sentence),)), values), *_route(values)]


def _route(values: CallValues) -> list[dict[str, Any]]:
    """Return the actions from the block `rescue` on, to the first connect, or to what needs an answer."""
    bundle, at, found = values.bundle, values.bundle.rescue, list[dict[str, Any]]()
    values = values.beside({})
    seen = set[int]()
    while at is not None and at not in seen:
        seen.add(at)
        block = bundle.graph.blocks[at]
        for action in block.actions:
            if isinstance(action, Say):
                found += _usable(action, values)
                if action.verb == "connect":
                    return found
            else:
                values = values.after(action.slot, values.read(action.value))
        if isinstance(block.exit, Dial):
            return found + _usable(block.exit.endpoints[0], values)
        if isinstance(block.exit, Jump):
            values = values.beside(values.frame_of(block.exit))
        if isinstance(block.exit, Enter) and (name := bundle.graph.questions[block.exit.question].name) is not None:
            values = values.after(name, UNDEFINED)
        at = _following(block, values)
    return found


def _following(block: Block, values: CallValues) -> int | None:
    """Return the next block of the route; None where it ends, or where it depends on the time or on an answer."""
    graph, exit = values.bundle.graph, block.exit
    match exit:
        case Goto(to):
            return to
        case Jump(step):
            return graph.steps[step].entry
        case Enter(question):
            return graph.questions[question].start
        case Branch(cases, other, None):
            return next((to for condition, to in cases if values.read(condition) is True), other)
        case _:
            return None


def _usable(say: Say, values: CallValues) -> list[dict[str, Any]]:
    try:
        return actions_of(say, values)
    except UnusableError:
        return []
