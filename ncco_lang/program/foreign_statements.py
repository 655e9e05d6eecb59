"""Make findings for statements of other languages: loops, branches and functions that a flow writes in another way."""

from __future__ import annotations

from ncco_lang.diagnostics import Diagnostic, Edit, Facts, Fix
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.control_words import LOOPS, meant_each
from ncco_lang.syntax.lines import line_end, line_start, next_line, rest_of_line
from ncco_lang.syntax.syntax_rules import write
from ncco_lang.vocabulary import option_rules as rules
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.words import Spelling, Words

_EACH = "each d in [1, 2, 3] { … } repeats its block for each item of a list"
_AROUND = "write retry in an arm to ask again, or goto to go back to a step"
_BRANCHES = "write if … else if … else …, or an arm for each answer: 1 -> order"
_FAILURE = "what can fail has arms: otherwise -> …"
_ENDS = "a block ends at its }: leave the line out"
_HINTS = {
    **dict.fromkeys(LOOPS, _EACH),
    **dict.fromkeys(("while", "until"), _AROUND),
    **dict.fromkeys(("switch", "match", "select"), _BRANCHES),
    **dict.fromkeys(("case", "when"), _BRANCHES),
    **dict.fromkeys(("try", "catch", "except", "finally"), _FAILURE),
    **dict.fromkeys(("end", "endif", "fi", "done", "endfor", "endwhile"), _ENDS),
    **dict.fromkeys(("break", "continue"), "a block runs to its }: leave the line out, or write goto"),
    "return": "a step ends at its }, and goes on after the do that ran it: leave the line out",
    "then": _ENDS.replace("ends at its }", "begins with {"),
    "unless": "write if not (…)",
    **dict.fromkeys(("import", "include", "require"), 'write use name from "file.flow" at the top level of the file'),
}
_FUNCTIONS = frozenset({"def", "function", "func", "fn", "sub"})


class ForeignStatement(Facts):
    """A statement of another language; `meant` is what a flow writes instead, or how."""

    rule = rules.NO_SUCH_VERB
    message = "there is no statement {verb}"
    verb: str
    meant: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        return self.say(spelling, self.message, "{meant:s}")


def foreign_statement(source: Source, command: ast.Command) -> Diagnostic | None:
    """Return the finding for a statement of another language; None for any other one."""
    verb = command.verb
    word = verb.text
    if word in _FUNCTIONS:
        step = write(verb.span, "step", 'write "step"', unsafe=True)
        return flow_finding(source, verb.span, ForeignStatement(verb=word, meant="write step NAME { … }"), fix=step)
    meant = _HINTS.get(word)
    if meant is None:
        return None
    fix: Fix | None = None
    loop = meant_each(rest_of_line(source.text, verb.span.start)) if word in LOOPS else None
    if loop is not None:
        meant = f"write {loop.meant} {{ … }}"
        fix = write(Span(verb.span.start, verb.span.start + len(loop.written)), loop.meant, unsafe=True)
    elif meant is _ENDS and command.span == verb.span:
        fix = without_line(source, verb.span)
    return flow_finding(source, verb.span, ForeignStatement(verb=word, meant=meant), fix=fix)


def without_line(source: Source, span: Span) -> Fix | None:
    """Return a fix that removes a statement; None if it shares its line with something else."""
    text = source.text
    start = line_start(text, span.start)
    if text[start : span.start].strip() or text[span.end : line_end(text, span.end)].strip():
        return None
    return Fix("remove the line", (Edit(Span(start, next_line(text, span.end)), ""),))
