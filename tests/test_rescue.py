"""The route that needs no server: where it begins, and what a caller hears of it."""

from __future__ import annotations

from ncco_lang.bundler import Bundled
from ncco_lang.compiler import compile_source
from ncco_lang.source import Source

MENU = """\
step start {
    menu "For support, press 1." {
        1                -> put("support", "+44 20 7946 0152")
        silence, give_up -> put("sales", "+44 20 7946 0151")
    }
}
"""
PUT = """\
step put(what: text, desk: phone) {
    talk "To {what}."
    connect phone desk from: "+44 20 7946 0150" { otherwise -> hangup }
}
"""


def route_of(text: str) -> list[str]:
    """Return the texts and numbers of the fallback document, after its apology."""
    product = compile_source(Source("a.flow", text)).product
    assert isinstance(product, Bundled)
    actions = product.fallback()[1:]
    return [each["text"] if each["action"] == "talk" else each["endpoint"][0]["number"] for each in actions]


def test_the_first_connect_without_a_key_gets_the_values_of_its_jump() -> None:
    assert route_of(MENU + PUT) == ["To sales.", "442079460151"]


def test_values_are_handed_on() -> None:
    put = "step put(what: text, desk: phone) {\n    goto on(desk)\n}\n"
    on = PUT.replace("put(what: text, ", "on(").replace("To {what}.", "One moment.")
    assert route_of(MENU + put + on) == ["One moment.", "442079460151"]


def test_a_fallback_that_jumps_with_values() -> None:
    fallback = 'fallback help\nstep help {\n    goto put("help", "+44 20 7946 0153")\n}\n'
    assert route_of(fallback + MENU + PUT) == ["To help.", "442079460153"]
