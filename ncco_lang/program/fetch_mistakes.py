"""Read a `fetch` as its author means it: `fetch GET "https://…"`, `fetch url: "https://…"`."""

from __future__ import annotations

from collections.abc import Container

from ncco_lang.diagnostics import Diagnostic, Edit, Facts, Fix
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary import option_rules as rules
from ncco_lang.vocabulary.flow_spelling import flow_finding

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_ADDRESS = frozenset({"url", "uri", "address", "href", "endpoint", "to"})


class MethodFirst(Facts):
    """The method of a lookup before its address."""

    rule = rules.STRAY_VALUE
    message = "the method of a fetch is an option after its address"
    hint = "write method: {method:s}"
    method: str


class NamedAddress(Facts):
    """The address of a lookup as an option."""

    rule = rules.STRAY_VALUE
    message = "the address of a fetch has no name before it"
    hint = 'write fetch "https://…"'


def fetch_as_meant(
    source: Source, command: ast.Command, names: Container[str]
) -> tuple[ast.Command, Diagnostic | None]:
    """Return a `fetch` with its address first and its method as an option, and the finding if it was written otherwise."""
    operands, options = command.operands, command.options
    first = operands[0] if operands else None
    if isinstance(first, ast.Name) and first.text.lower() in _METHODS and first.text not in names and len(operands) > 1:
        method, address = first.text.lower(), operands[1]
        added = ast.Option(first.span, ast.Word(first.span, "method"), ast.Name(first.span, method))
        edits = [Edit(Span(first.span.start, address.span.start), "")]
        if method != "get":
            edits.append(Edit(Span(address.span.end, address.span.end), f" method: {method}"))
        fix = Fix(f"write method: {method}", tuple(edits), unsafe=True)
        found = flow_finding(source, first.span, MethodFirst(method=method), fix=fix)
        meant = ast.Command(command.span, command.verb, operands[1:], (added, *options), command.block)
        return meant, found
    named = next((each for each in options if each.name.text in _ADDRESS and isinstance(each.value, ast.Text)), None)
    if named is not None and first is None and named is options[0]:
        fix = Fix("leave out the name", (Edit(Span(named.name.span.start, named.value.span.start), ""),), unsafe=True)
        found = flow_finding(source, named.name.span, NamedAddress(), fix=fix)
        return ast.Command(command.span, command.verb, (named.value,), options[1:], command.block), found
    return command, None
