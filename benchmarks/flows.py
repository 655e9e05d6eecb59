"""Make one logical flow of a given number of lines, as text in our language, in SQL, in HCL and in Jsonnet.

The pieces are in `benchmarks/scenes.py`, which describes how each language writes them, and `benchmarks/blocks.py`.
Here they are combined as an author does it: names first, then section by section, each with a parameter and a constant
of its own that its lines use. So names, numbers and comments grow with the file, and few statements repeat another. The
same number of lines and the same seed give the same text on every machine.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import Template

from benchmarks.blocks import BLOCKS, ROOM
from benchmarks.scenes import DESK, HEAD, LINES, RECEPTION, SENTENCE, Scene

SEED = 20261123
LEAST = 10
"""The fewest lines that a flow can have: the names, and their use."""
SECTION = 45
"""The approximate number of lines of a section."""

_KINDS = "white dark crusty soft sour salted seeded sliced sweet toasted plain warm small large round long".split()
_GOODS = "rye spelt barley oat walnut raisin olive onion poppy sesame pumpkin potato cheese honey apple plum".split()
_PLACES = "upper lower left right corner window front back middle wooden glass narrow wide outer inner marble".split()
# Areas where the regulator reserves a thousand numbers for fiction: London, Leeds, Sheffield and so on.
_NUMBERS = (("20", "7946"), *((area, "496") for area in "113 114 116 117 118 121 131 141 151 161 191".split()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The same flow four times.

    Attributes:
        lines: the number of lines of the first text, which is ours.
        statements: the number of statements of every text.
    """

    lines: int
    statements: int
    flow: str
    sql: str
    hcl: str
    jsonnet: str


class _Pattern(Template):
    """A template with `~name`, because each of the four languages uses the dollar."""

    delimiter = "~"


@dataclass(frozen=True, slots=True)
class _Placed:
    """A scene at its place in the flow, with the words to fill in."""

    scene: Scene
    words: dict[str, str | int]

    def fill(self, pattern: str) -> str:
        return _Pattern(pattern).substitute(self.words)


def make_flow(lines: int, seed: int = SEED) -> Flow:
    """Return a flow whose text in our language has exactly that many lines, ten at least."""
    if lines < LEAST:
        raise ValueError(f"a flow to measure with has at least {LEAST} lines")
    chance = random.Random(seed * 1_000_000 + lines)
    placed = [_Placed(scene, _words(chance, section)) for scene, section in _scenes(chance, lines)]
    return Flow(
        lines=lines,
        statements=sum(one.scene.statements for one in placed),
        flow="".join(one.fill(one.scene.flow) for one in placed),
        sql="".join(one.fill(one.scene.sql) for one in placed),
        hcl="".join(one.fill(one.scene.hcl) for one in placed),
        jsonnet=_jsonnet(placed),
    )


def _scenes(chance: random.Random, lines: int) -> Iterator[tuple[Scene, int]]:
    """Yield scenes of exactly that many lines in all, each with the number of its section."""
    last = [ROOM] if lines >= LEAST + ROOM.lines else []
    left = lines - HEAD.lines - sum(scene.lines for scene in last)
    section, ends = 0, left
    yield HEAD, section
    while left:
        opening = DESK.lines + RECEPTION.lines
        if left <= ends and left >= opening:
            section, ends = section + 1, left - SECTION
            yield DESK, section
            yield RECEPTION, section
            left -= opening
            continue
        # So two lines in three belong to a longer piece.
        scene = chance.choice(BLOCKS if chance.random() < 0.2 else LINES)
        scene = scene if scene.lines <= left else SENTENCE
        yield scene, section
        left -= scene.lines
    for scene in last:
        yield scene, section


def _words(chance: random.Random, section: int) -> dict[str, str | int]:
    """Return the words that a scene may fill in: enough that statements are rarely equal."""
    area, local = chance.choice(_NUMBERS)
    ending = f"{chance.randrange(1000):03}"
    hours = chance.randint(1, 2)
    return {
        "a": chance.choice(_KINDS),
        "b": chance.choice(_GOODS),
        "c": chance.choice(_PLACES),
        "section": section,
        "few": chance.randint(1, 4),
        "many": chance.randint(3, 9),
        "hours": hours,
        "seconds": hours * 3600,
        "price": chance.randint(2, 99),
        "phone": f"+44 {area} {local} 0{ending}",
        "digits": f"44{area}{local}0{ending}",
    }


def _jsonnet(placed: list[_Placed]) -> str:
    """Return all names first, then the list."""
    names = "".join(one.fill(one.scene.jsonnet) for one in placed if one.scene.declares)
    actions = "".join(one.fill(one.scene.jsonnet) for one in placed if not one.scene.declares)
    return f"local\n{names.rstrip().removesuffix(',')};\n[\n{actions}]\n"


# ── How much there is to read ──────────────────────────────────────────────────────────────────────────

_COMMENTS = {"flow": r"//[^\n]*", "sql": r"--[^\n]*|/\*.*?\*/", "hcl": r"# [^\n]*", "jsonnet": r"//[^\n]*"}
_TEXT = r'"""[\s\S]*?"""|\|\|\|-[\s\S]*?\|\|\||<<-EOT[\s\S]*?EOT|"[^"\n]*"|\'(?:[^\']|\'\')*\''
_LINE_ENDS = {"flow", "hcl"}
"""The languages in which the end of a line is a token."""


def count_tokens(text: str, language: str) -> int:
    """Return the number of tokens of a text, by one rule for all four; a name in the braces of a text counts as three."""
    pattern = rf"(?P<text>{_TEXT})|{_COMMENTS[language]}|(?P<line>\n\s*)|(?P<other>=>|\|\||[\w.]+(?:-\w+)*|\S)"
    count = 0
    for found in re.finditer(pattern, text):
        if found["text"]:
            count += 1 + 3 * found["text"].count("{")
        elif found["other"] or (found["line"] and language in _LINE_ENDS):
            count += 1
    return count
