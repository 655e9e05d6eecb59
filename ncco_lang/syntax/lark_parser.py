"""lark's LALR parser of the flow language: its prepared data, its runs, and the stacks that recovery changes.

This module alone touches what lark does not document, and `tests/test_lark_parser.py` names every such attribute: a
new release of lark fails there and nowhere else.

The data are the JSON form that `lark.tools.serialize` writes, in two ways smaller: a state is symbol → the next state,
or -1 - the rule to reduce by, and states are numbered from the starts, since lark's own numbers differ from run to run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from lark import Lark, Token, UnexpectedToken
from lark import __version__ as lark_version
from lark.grammar import NonTerminal, Rule
from lark.grammar import Terminal as TerminalSymbol
from lark.lexer import PatternStr, TerminalDef
from lark.parsers.lalr_analysis import Reduce, Shift
from lark.parsers.lalr_parser_state import ParserState

from ncco_lang.resources import read_resource
from ncco_lang.syntax.lexicon import END, STRAY, Lexicon, Terminal, make_lexicon

GRAMMAR = "grammar/flow.lark"
PREPARED = "grammar/flow.parser.json"
STARTS = ["start", "interpolation"]
_FORMAT = 1

Data: TypeAlias = dict[str, Any]
Row: TypeAlias = Mapping[str, Any]
"""What the grammar can use in a state, by symbol."""
Part: TypeAlias = Any
"""A value on the stack: the span of a token that the tree needs, or what a rule was built into."""
Maker: TypeAlias = Callable[[Any, list[Part]], Part]
"""A function that builds a rule from the context of the run and the rule's children."""


# ── The data ───────────────────────────────────────────────────────────────────────────────────────────


def make_data(grammar: str) -> Data:
    """Have lark build its parser of a grammar; return it as JSON values."""
    # The lexer is ours. Of lark's own, the basic one takes the least time to load.
    lark = Lark(grammar, parser="lalr", lexer="basic", start=STARTS)
    data, memo = lark.memo_serialize([TerminalDef, Rule])
    table = data["parser"].pop("parser")
    names = table["tokens"]
    rows = {
        state: dict(sorted((names[token], -1 - to["@"] if reduces else to) for token, (reduces, to) in row.items()))
        for state, row in table["states"].items()
    }
    order = _numbered(rows, [table["start_states"][name] for name in STARTS])
    return {
        "format": _FORMAT,
        "lark": lark_version,
        "data": data,
        "start_states": {name: order[table["start_states"][name]] for name in STARTS},
        "end_states": {name: order[table["end_states"][name]] for name in STARTS},
        "memo": [memo[number] for number in range(len(memo))],
        "states": [{symbol: order[to] if to >= 0 else to for symbol, to in rows[state].items()} for state in order],
    }


def _numbered(rows: Mapping[int, Mapping[str, int]], starts: Sequence[int]) -> dict[int, int]:
    """Number the states in the order in which they are reached from the starts."""
    order: dict[int, int] = {}
    waiting = list(starts)
    for state in waiting:
        if state not in order:
            order[state] = len(order)
            waiting += (to for to in rows[state].values() if to >= 0)
    return order


def render_data(data: Data) -> str:
    """Write the data as JSON, a state, rule or terminal a line, so that a change can be read."""

    def written(value: Any) -> str:
        return json.dumps(value, separators=(",", ":"))

    def lines(value: Any) -> str:
        return "[\n" + ",\n".join(map(written, value)) + "\n]" if isinstance(value, list) else written(value)

    return "{\n" + ",\n".join(f'"{name}": {lines(value)}' for name, value in data.items()) + "\n}\n"


@cache
def load_parser() -> Parser:
    """Load the parser, once a process.

    The packaged data serve the release of lark that made them. Any other release has its own, which are made at the
    first need and kept in the user's cache.
    """
    packaged: Data = json.loads(read_resource(PREPARED))
    if _fits(packaged):
        return Parser(packaged)
    import hashlib

    from ncco_lang.user_cache import keep, read_kept

    grammar = read_resource(GRAMMAR)
    digest = hashlib.sha256(grammar.encode()).hexdigest()[:16]
    name = f"flow-parser-{_FORMAT}-{lark_version}-{digest}.json"
    try:
        kept: Data = json.loads(read_kept(name) or "null")
        if _fits(kept):
            return Parser(kept)
    except (ValueError, LookupError, TypeError):
        pass  # a file that is missing, or not what was kept, is written anew
    text = render_data(make_data(grammar))
    keep(name, text)
    return Parser(json.loads(text))


def _fits(data: Data) -> bool:
    return (data["format"], data["lark"]) == (_FORMAT, lark_version)


def _load(data: Data) -> Any:
    """Return lark's parser of prepared data.

    `Lark.load` gets no states: to read ours from lark's own form takes several times as long as to write them here.
    """
    table = {"tokens": {}, "states": {}, "start_states": data["start_states"], "end_states": data["end_states"]}
    memo = dict(enumerate(data["memo"]))
    load: Any = Lark.load  # it takes a file, or what it would read from one
    lark: Any = load({"data": data["data"] | {"parser": data["data"]["parser"] | {"parser": table}}, "memo": memo})
    rules = {-1 - each["@"]: (Reduce, rule) for each, rule in zip(data["data"]["rules"], lark.rules, strict=True)}
    actions = {to: (Shift, to) for to in range(len(data["states"]))} | rules
    states: Any = lark.parse_interactive(start=STARTS[0]).parser_state.parse_conf.states
    for number, row in enumerate(data["states"]):
        states[number] = {symbol: actions[to] for symbol, to in row.items()}
    return lark


# ── The parser ─────────────────────────────────────────────────────────────────────────────────────────


class _Reduction(NamedTuple):
    """How the children of a rule become its value.

    Attributes:
        builder: the name of what builds it; None where its one child is its value, "" for a list that its parent
            takes apart.
        kept: the symbols that are children, by index; -1 - index for a list to be taken apart.
        is_plain: all symbols are children, and none is a list.
    """

    builder: str | None
    kept: tuple[int, ...]
    is_plain: bool


class Parser:
    """lark's parser, for all runs of a process. It never changes, so threads share it.

    Attributes:
        lexicon: the terminals of the grammar.
        reductions: by rule.
        shared: what lark calls for the rules that need no builder.
        builders: the names of what builds its rules.
        tokens: kind → the token to feed.
    """

    def __init__(self, data: Data) -> None:
        self._lark: Lark = _load(data)
        self.reductions = {rule: _reduction(rule) for rule in self._lark.rules}
        self.shared = {rule: _take(each) for rule, each in self.reductions.items() if not each.builder}
        self.builders = frozenset(each.builder for each in self.reductions.values() if each.builder)
        self.lexicon: Lexicon = make_lexicon(_terminals(self._lark.terminals), self._lark.lexer_conf.ignore)
        kinds = (*(each.name for each in self._lark.terminals), END, STRAY)
        self.trial_confs = {start: self._trial_conf(start) for start in STARTS}
        self.tokens: Mapping[str, Token] = {kind: Token(kind, "") for kind in kinds}

    def _trial_conf(self, start: str) -> Any:
        conf = self._lark.parse_interactive(start=start).parser_state.parse_conf
        conf.callbacks = {}
        return conf

    def begin(self, start: str, callbacks: Callbacks) -> Run:
        """Begin a run that ends with a start symbol."""
        return Run(self, start, callbacks)


class Callbacks(dict[Any, Callable[[list[Part]], Part]]):
    """Rule → what lark calls with its symbols' values, for the runs of one context; made when it is first needed."""

    __slots__ = ("_context", "_makers", "_reductions")

    def __init__(self, parser: Parser, makers: Mapping[str, Maker], context: Any) -> None:
        super().__init__(parser.shared)
        self._reductions, self._makers, self._context = parser.reductions, makers, context

    def __missing__(self, rule: Rule) -> Callable[[list[Part]], Part]:
        reduction = self._reductions[rule]
        make = partial(self._makers[reduction.builder or ""], self._context)
        take = _take(reduction)
        callback = make if reduction.is_plain else lambda parts: make(take(parts))
        self[rule] = callback
        return callback


class Run:
    """One run of lark's parser.

    Attributes:
        feed: takes the next token; returns the value of the start symbol for the last one. Raises `UnexpectedToken`
            for a token that does not fit, when everything before it has been reduced.
        states, values: the two stacks, which recovery changes; `values[n]` was made on the way to `states[n + 1]`.
        rows: state → what the grammar can use there.
    """

    __slots__ = ("_lexer", "_tokens", "_trial_conf", "feed", "rows", "states", "values")

    def __init__(self, parser: Parser, start: str, callbacks: Callbacks) -> None:
        interactive = parser._lark.parse_interactive(start=start)
        state: Any = interactive.parser_state
        state.parse_conf.callbacks = callbacks
        self._tokens, self._trial_conf, self._lexer = parser.tokens, parser.trial_confs[start], interactive.lexer_thread
        self.feed: Callable[[Token], Part] = interactive.feed_token
        self.states: list[int] = state.state_stack
        self.values: list[Part] = state.value_stack
        self.rows: Mapping[int, Row] = state.parse_conf.states

    def try_from(self, states: list[int]) -> Trial:
        """Begin to try tokens out on a stack, which changes; the run itself does not.

        lark's `InteractiveParser.copy` copies every value, so that recovery would take time in proportion to what has
        been read. A copy without the values must not build anything: a callback fills a list that the run still has.
        """
        return Trial(ParserState(self._trial_conf, self._lexer, states), self._tokens)


class Trial:
    """A run without values, which tells whether tokens fit."""

    __slots__ = ("_state", "_tokens")

    def __init__(self, state: ParserState[int], tokens: Mapping[str, Token]) -> None:
        self._state, self._tokens = state, tokens

    @property
    def row(self) -> Row:
        """What the grammar can use next."""
        return self._state.parse_conf.states[self._state.position]

    @property
    def states(self) -> list[int]:
        """The stack of states."""
        return self._state.state_stack

    def takes(self, kind: str) -> bool:
        """Feed a token; return whether it fits."""
        if kind not in self.row:
            return False
        try:
            self._state.feed_token(self._tokens[kind], kind == END)
        except (UnexpectedToken, IndexError):  # the stack ends where it was cut off
            return False
        return True


def _terminals(terminals: Sequence[TerminalDef]) -> list[Terminal]:
    """Return the terminals in the order in which lark's lexer tries them.

    A keyword is a word that `NAME` matches as well; a test holds that each of them is.
    """
    ordered = sorted(
        terminals,
        key=lambda each: (-each.priority, -each.pattern.max_width, -len(each.pattern.value), each.name),
    )
    return [
        Terminal(each.name, each.pattern.to_regexp(), each.pattern.value if _is_word(each) else None)
        for each in ordered
    ]


def _is_word(terminal: TerminalDef) -> bool:
    return isinstance(terminal.pattern, PatternStr) and terminal.pattern.value.isalpha()


def _reduction(rule: Rule) -> _Reduction:
    kept = tuple(
        -1 - position if isinstance(symbol, NonTerminal) and symbol.name.startswith("_") else position
        for position, symbol in enumerate(rule.expansion)
        if not (isinstance(symbol, TerminalSymbol) and symbol.filter_out)
    )
    is_plain = kept == tuple(range(len(rule.expansion)))
    if rule.options.expand1 and rule.alias is None:
        assert is_plain, f"{rule}: a rule that its child stands for has that child only"
        assert len(kept) == 1, f"{rule}: a rule that its child stands for has that child only"
        return _Reduction(None, kept, is_plain)
    origin = rule.origin.name
    return _Reduction("" if origin.startswith("_") else rule.alias or origin, kept, is_plain)


def _take(reduction: _Reduction) -> Callable[[list[Part]], Any]:
    """Return what takes a rule's children out of its symbols, or its one child."""
    if reduction.builder is None:
        return itemgetter(0)
    return _as_they_are if reduction.is_plain else partial(_taken_apart, reduction.kept)


def _as_they_are(parts: list[Part]) -> list[Part]:
    return parts


def _taken_apart(kept: Sequence[int], parts: list[Part]) -> list[Part]:
    """Return the children of a rule, lists among them taken apart; the first list is filled further, not copied."""
    if kept and kept[0] == -1:
        children: list[Part] = parts[0]
        kept = kept[1:]
    else:
        children = []
    for index in kept:
        if index < 0:
            children += parts[-1 - index]
        else:
            children.append(parts[index])
    return children
