"""Random flows: every rule of the grammar, in any layout that it allows.

A flow is first made as a list of tokens, with marks where a line must end and where it may. Then blanks, line ends,
semicolons and comments are inserted at random, wherever they are allowed. All choices come from the `Random` passed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

END = "<end>"
"""A statement ends here."""
FREE = "<free>"
"""A line may end here."""
LAST = "<last>"
"""A line may end here, or a semicolon may be written: before the brace that closes a block."""
ELSE = "<else>"
"""A line may end here, before an `else`."""

NAMES = ("a", "code", "found", "december", "may", "is_open", "step", "text", "on", "use", "x1", "ring", "hear")
FIELDS = ("status", "bargeIn", "X", "id", "if", "POST")
MANY = ("connect", "talk", "menu", "a_rather_long_name_for_a_thing", "and_another_name_of_some_length")
DURATIONS = ("2s", "500ms")
SIMPLE = ("1", "0.5", "007", "25", "2e3", "true", "null", "25 december", "2026-12-24")
ATOMS = (*SIMPLE, *DURATIONS, "nl-NL", "es-419")
PLAIN = ("Hello", " ", "é–😀", "//", "it's", "#", ";", "  two", "\\n", '\\"', "\\\\", "\\u00e9", "{{", "}}", ",")
COMMENTS = (
    "//",
    "// one",
    "//two",
    "//\tthree",
    "///four",
    "/// five",
    "//////",
    "//  six {",
    '// "',
    "// ncco: allow F301",
)
_DAY = re.compile(r"\b[0-9]{1,2}\Z")
_PUNCTUATION = frozenset("()[]{},:=;")


class Flows:
    """Makes flows; `depth` limits their growth."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.depth = 0

    def flow(self) -> str:
        """Return a whole file."""
        makers = (*_DECLARATIONS, *_STATEMENTS, *_STATEMENTS)
        tokens: list[str] = [FREE]
        for _ in range(self.random.randint(0, 8)):
            tokens += [*self.pick(makers)(self), END]
        if tokens[-1] is END and self.random.random() < 0.3:
            tokens[-1] = FREE
        return Layout(self.random).text(tokens)

    def pick(self, choices: tuple[Callable[[Flows], list[str]], ...]) -> Callable[[Flows], list[str]]:
        return self.random.choice(choices)

    def name(self) -> str:
        return self.random.choice(NAMES if self.random.random() < 0.8 else MANY)

    def verb(self) -> str:
        """Return a verb that does not begin a declaration."""
        return self.random.choice((*MANY, "talk", "closed", "mon-fri", "bargeIn", "25 december", "may"))

    # ── Values ───────────────────────────────────────────────────────────────────────────────────────

    def string(self) -> str:
        return '"' + "".join(self.pieces(long=False)) + '"'

    def pieces(self, *, long: bool) -> list[str]:
        random = self.random
        pieces = [random.choice(PLAIN) for _ in range(random.choice((0, 1, 1, 2, 5, 20)))]
        if random.random() < 0.3:
            pieces.insert(random.randint(0, len(pieces)), self.interpolation())
        if long:
            pieces = [piece if random.random() < 0.7 else f'{piece}"x' for piece in pieces]
        return pieces

    def interpolation(self) -> str:
        value = self.random.choice(
            (
                "a",
                " code ",
                "a.b [ 1 ]",
                'x | default( "you" )',
                "a|digits|spell",
                "f( 1,[2 , 3],)",
                "\ta + -1",
                '"{a}"',
            )
        )
        return "{" + value + "}"

    def long(self) -> str:
        random = self.random
        lines: list[str] = []
        for _ in range(random.choice((1, 1, 2, 3, 5))):
            indent = random.choice(("", "  ", "    ", "      ", "\t", " \t", "\t  "))
            lines.append(indent + "".join(self.pieces(long=True)) if random.random() < 0.8 else indent)
        return '"""' + random.choice(("", "\n", " \n")) + "\n".join(lines) + random.choice(("", "\n", "\n  ")) + '"""'

    def inner(self, make: Callable[[], list[str]], most: int) -> list[list[str]]:
        """Return some values inside another one, fewer the deeper they are."""
        if self.depth > 4:
            return []
        self.depth += 1
        made = [make() for _ in range(self.random.randint(0, self.random.choice((1, 2, most))))]
        self.depth -= 1
        return made

    def bracket(self, opening: str, items: list[list[str]], closing: str, *, comma_last: bool = True) -> list[str]:
        tokens = [opening, FREE]
        for index, item in enumerate(items):
            tokens += item
            if index < len(items) - 1 or (comma_last and self.random.random() < 0.2):
                tokens += [FREE, ",", FREE]
            else:
                tokens.append(FREE)
        return [*tokens, closing]

    def object(self, least: int = 0) -> list[str]:
        pairs = self.inner(lambda: [self.string(), ":", *self.expression()], 4)
        if len(pairs) < least:
            pairs = [[self.string(), ":", "1"]]
        # Keys must differ, so each begins with its number.
        pairs = [[f'"{index}{pair[0][1:]}', *pair[1:]] for index, pair in enumerate(pairs)]
        return self.bracket("{", pairs, "}", comma_last=False)

    def ref(self) -> list[str]:
        tokens = [self.name()]
        for _ in range(self.random.choice((0, 0, 1, 2))):
            match self.random.randrange(3):
                case 0:
                    tokens += [".", self.random.choice(FIELDS)]
                case 1:
                    index = self.inner(self.expression, 1)
                    tokens += ["[", *(index[0] if index else ["1"]), "]"]
                case _:
                    tokens += self.bracket("(", self.inner(self.value, 4), ")")
        return tokens

    def atom(self) -> list[str]:
        random = self.random
        match random.randrange(9):
            case 0 | 1:
                return [random.choice(ATOMS)]
            case 2 | 3:
                return [self.string()]
            case 4:
                return [self.long()] if random.random() < 0.5 else [self.string()]
            case 5:
                return self.bracket("[", self.inner(self.value, 6), "]")
            case 6:
                return self.object()
            case 7:
                group = self.inner(self.expression, 1)
                return ["(", *group[0], ")"] if group else ["1"]
            case _:
                return self.ref()

    def expression(self) -> list[str]:
        """Return a value; the brackets keep operators of one rank apart."""
        random = self.random
        match random.randrange(8):
            case 0:
                operator = random.choice(("or", "and", "+", "-", "*", "/"))
                parts = [self.atom() for _ in range(random.randint(2, 4))]
                if operator == "and":
                    # `2s and 500ms` is a duration with two units, and an error.
                    parts = [["1"] if part[0] in DURATIONS else part for part in parts]
                return [token for part in parts for token in (operator, *part)][1:]
            case 1:
                return [*self.atom(), random.choice(("==", "<", "in", "matches", "starts_with")), *self.atom()]
            case 2:
                return [random.choice(("not", "-")), *self.atom()]
            case _:
                return self.atom()

    def value(self) -> list[str]:
        match self.random.randrange(10):
            case 0:
                return [self.random.choice(("*", "#"))]
            case 1:
                return ["2", "..", "5"]
            case _:
                return self.expression()

    # ── Statements ───────────────────────────────────────────────────────────────────────────────────

    def operand(self) -> list[str]:
        match self.random.randrange(7):
            case 0:
                # Without durations, two of which are an error in a row, and languages, which need their name after a talk.
                return [self.random.choice((*SIMPLE, "09:00-17:30"))]
            case 1 | 2:
                return [self.string()]
            case 3:
                return [self.long()]
            case 4:
                return self.object(1)
            case 5:
                return ["4", "..", "6"]
            case _:
                return self.ref()

    def option(self) -> list[str]:
        return [self.random.choice((*NAMES, "nl-NL", "maxDigits")), ":", *self.value()]

    def command(self, least: int = 0) -> list[str]:
        tokens = [self.verb()]
        for index in range(self.random.choice((0, 1, 1, 2, 3)) or least):
            if self.random.random() < 0.4:
                tokens += self.option()
            elif index == 0 and tokens[0] == "25 december":
                tokens += [self.string()]
            else:
                tokens += [*self.operand(), *([","] if self.random.random() < 0.1 else [])]
        if self.random.random() < 0.3:
            tokens += self.block()
        return tokens

    def block(self) -> list[str]:
        tokens = ["{", FREE]
        entries = self.inner(lambda: self.pick(_ENTRIES)(self), 5)
        for index, entry in enumerate(entries):
            tokens += [*entry, LAST if index == len(entries) - 1 else END]
        return [*tokens, "}"]

    def branches(self) -> list[str]:
        tokens = ["if", *self.expression(), *self.block()]
        for _ in range(self.random.choice((0, 0, 1, 2))):
            tokens += [ELSE, "else", "if", *self.expression(), *self.block()]
        if self.random.random() < 0.5:
            tokens += [ELSE, "else", *self.block()]
        return tokens

    def set(self) -> list[str]:
        return ["set", self.name(), "=", *self.expression()]

    def each(self) -> list[str]:
        return ["each", self.name(), "in", *self.expression(), *self.block()]

    def pattern(self) -> list[str]:
        match self.random.randrange(5):
            case 0:
                return [self.string()]
            case 1:
                return [self.random.choice(("1", "204", "4xx", "*", "#"))]
            case 2:
                return ["person", ".", self.random.choice(FIELDS)]
            case _:
                return [self.random.choice(("otherwise", "give_up", "silence", "key"))]

    def arm(self) -> list[str]:
        tokens = self.pattern()
        for _ in range(self.random.choice((0, 0, 1, 3))):
            tokens += [",", *self.pattern()]
        tokens.append("->")
        match self.random.randrange(5):
            case 0:
                return [*tokens, *self.block()]
            case 1:
                return [*tokens, self.name(), *self.bracket("(", self.inner(self.value, 4), ")")]
            case 2:
                return [*tokens, *self.command(1)]
            case 3:
                return [*tokens, *self.set()]
            case _:
                return [*tokens, self.name()]

    # ── Declarations ─────────────────────────────────────────────────────────────────────────────────

    def header(self) -> list[str]:
        return ["flow", self.string(), *(self.option() if self.random.random() < 0.5 else [])]

    def use(self) -> list[str]:
        return ["use", self.name(), *([",", "other"] if self.random.random() < 0.5 else []), "from", self.string()]

    def let(self) -> list[str]:
        return ["let", self.name(), "=", *self.expression()]

    def param(self) -> list[str]:
        default = ["=", *self.expression()] if self.random.random() < 0.7 else []
        return [self.random.choice(("param", "arg")), self.name(), ":", "phone", *default]

    def default(self) -> list[str]:
        tokens = ["default", self.name()]
        for _ in range(self.random.randint(1, 3)):
            tokens += self.random.choice((["nl-NL"], ["premium"], self.option()))
        return tokens

    def step(self) -> list[str]:
        parameters: list[str] = []
        if self.random.random() < 0.5:
            typed = [[name, ":", "text"] for name in self.random.sample(MANY, self.random.randint(0, 5))]
            parameters = self.bracket("(", typed, ")")
        return ["step", self.name(), *parameters, *self.block()]

    def declared(self) -> list[str]:
        start = self.random.choice(
            (
                ["hours", "office", '"Europe/Amsterdam"'],
                ["text", "yes"],
                ["test", self.string()],
                ["on", "ended"],
                ["anywhere"],
            )
        )
        return [*start, *self.block()]


_STATEMENTS: tuple[Callable[[Flows], list[str]], ...] = (
    *(Flows.command, Flows.command, Flows.command),
    *(Flows.branches, Flows.set, Flows.each),
)
_ENTRIES = (*_STATEMENTS, Flows.option, Flows.option, *([Flows.arm] * 6))
_DECLARATIONS: tuple[Callable[[Flows], list[str]], ...] = (
    *(Flows.header, Flows.use, Flows.let, Flows.param, Flows.default, Flows.step, Flows.step, Flows.declared),
)


class Layout:
    """Puts tokens on lines: at times in a usual layout, at times in an unusual one."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.mess = random.choice((0.0, 0.1, 0.3, 0.6))
        self.line_end = random.choice(("\n", "\n", "\n", "\r\n", "\r"))
        self.compact = random.random() < 0.4

    def text(self, tokens: list[str]) -> str:
        written: list[str] = []
        for token in tokens:
            if token in {END, LAST, FREE, ELSE}:
                written.append(self.mark(token, written))
            else:
                if written:
                    written.append(self.blank(written[-1], token))
                written.append(token.replace("\n", self.line_end))
        return "".join(written)

    def mark(self, mark: str, written: list[str]) -> str:
        random = self.random
        if mark is END:
            if self.compact and random.random() < 0.7:
                return random.choice(("; ", ";", " ; "))
            return random.choice(("", "", ";")) + self.lines()
        if self.compact or random.random() > 0.3 + self.mess:
            return random.choice(("", ";")) if mark is LAST and random.random() < self.mess else ""
        return self.lines()

    def lines(self) -> str:
        """Return at least one line end, with comments and blank lines."""
        random = self.random
        text = ""
        if random.random() < self.mess:
            text += random.choice((" ", "")) + random.choice([each for each in COMMENTS if each[:3] != "///"])
        text += self.line_end
        while random.random() < self.mess:
            text += random.choice((" ", "\t", "    ", ""))
            text += random.choice((*COMMENTS, "", "")) + random.choice(("", " ")) + self.line_end
        return text + random.choice(("", "    ", "\t")) * (random.random() < self.mess)

    def blank(self, before: str, after: str) -> str:
        """Return the text between two tokens; empty only if they remain two tokens."""
        glued = before[-1:] in _PUNCTUATION or after[0] in _PUNCTUATION or not before.strip()
        if _DAY.search(before) and after in {"may", "december"}:
            return self.random.choice(("", "\t"))  # with a blank they would be a date
        if glued and self.random.random() < 0.5:
            return ""
        return " " if self.random.random() > self.mess else self.random.choice(("  ", "\t", " \t "))
