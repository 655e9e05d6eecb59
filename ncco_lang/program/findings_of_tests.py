"""The rules about tests (F9), and their facts."""

from __future__ import annotations

from ncco_lang.diagnostics import Facts, Rule
from ncco_lang.words import Spelling, Wire, Words

_FLOW = 'talk "Hello."\ntest "greeting" {\n'

UNKNOWN_TEST_WORD = Rule(
    code="F901",
    name="unknown-test-word",
    severity="error",
    why="A line of a test begins with a word that says what happens in the call. ncco does not know this one.",
    bad=_FLOW + '    call\n    hears "Hello."\n}',
    good=_FLOW + '    call\n    hear "Hello."\n}',
    language="flow",
)
MISPLACED_TEST_WORD = Rule(
    code="F902",
    name="misplaced-test-word",
    severity="error",
    why="A test is a list of words that run from top to bottom. Arms, conditions and other statements of flows have no "
    "place in it, and the block of other has only what a person does and hears.",
    bad='connect phone "+31 20 123 4567"\ntest "busy" {\n    call\n    other { expect hangup }\n}',
    good='connect phone "+31 20 123 4567"\ntest "busy" {\n    call\n    other { hangup }\n    expect hangup\n}',
    language="flow",
)
TEST_WITHOUT_CALL = Rule(
    code="F903",
    name="test-without-call",
    severity="error",
    why="The line call starts the call of a test. Before it nothing can be heard, pressed or said.",
    bad=_FLOW + '    hear "Hello."\n}',
    good=_FLOW + '    call\n    hear "Hello."\n}',
    language="flow",
)
TEST_TIME = Rule(
    code="F904",
    name="invalid-test-time",
    severity="error",
    why="The time of a call is that of a place on earth. Without a time zone it is not known which moment is meant.",
    bad=_FLOW + '    call at: "2026-11-24 10:00"\n    hear "Hello."\n}',
    good=_FLOW + '    call at: "2026-11-24T10:00+01:00"\n    hear "Hello."\n}',
    language="flow",
)
TEST_TWICE = Rule(
    code="F905",
    name="test-twice",
    severity="error",
    why="The name of a test is what a report and -k call it by, so two tests of one flow cannot share it.",
    bad=_FLOW + '    call\n    hear "Hello."\n}\ntest "greeting" {\n    call\n    hear "Hello."\n}',
    good=_FLOW + '    call\n    hear "Hello."\n}\ntest "greeting without hearing" {\n    call\n    hear "*"\n}',
    language="flow",
)
TWO_ANSWERS = Rule(
    code="F906",
    name="two-answers-in-test",
    severity="error",
    why="A server that does not answer in time, or not at all, sends no status and no JSON. The line says both.",
    bad=_FLOW + '    given fetch "https://example.com/*" times_out status: 404\n    call\n    hear "Hello."\n}',
    good=_FLOW + '    given fetch "https://example.com/*" times_out\n    call\n    hear "Hello."\n}',
    language="flow",
)
RULES = (UNKNOWN_TEST_WORD, MISPLACED_TEST_WORD, TEST_WITHOUT_CALL, TEST_TIME, TEST_TWICE, TWO_ANSWERS)


class NoSuchTestWord(Facts):
    """A line of a test that begins with no word of tests: `near` is the one that may be meant, `known` are all of them."""

    rule = UNKNOWN_TEST_WORD
    message = "tests have no word {word}"
    hint = "write {known:choice}"
    word: str
    near: str | None
    known: tuple[str, ...]


class BareCondition(Facts):
    """A condition after `expect` alone."""

    rule = UNKNOWN_TEST_WORD
    message = "a condition of a test follows expect that:"


class NotInTest(Facts):
    """Something that has no place in a test: an arm, a condition, an option alone."""

    rule = MISPLACED_TEST_WORD
    message = "{what:s} has no place in a test"
    hint = "a test has lines such as call, hear, press and expect"
    what: str


class NotInOther(Facts):
    """A word of tests in the block of `other`, which has only what a person does and hears."""

    rule = MISPLACED_TEST_WORD
    message = "{word:s} has no place in the block of other"
    hint = "write it after the block"
    word: str


class NotInTestFile(Facts):
    """A statement of a flow in the file of its tests."""

    rule = MISPLACED_TEST_WORD
    message = "a file of tests has no statements of a flow"
    hint = "write it in {flow}, the flow that is tested"
    flow: str


class NoCall(Facts):
    """A test that begins with something else than `call`; `word` is None if it has nothing to do."""

    rule = TEST_WITHOUT_CALL
    word: str | None

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        if self.word is None:
            return self.say(spelling, "the test has no call", "begin with call, then what is heard: hear")
        return self.say(spelling, "{word:s} comes before the call", "write call above it")


class TimeWithoutZone(Facts):
    """A time of a call that may be in any time zone."""

    rule = TEST_TIME
    message = "the time {time} has no time zone"
    hint = "write it with its offset: 2026-11-24T10:00+01:00, or Z for UTC"
    time: str


class NoTime(Facts):
    """A value that is not a time."""

    rule = TEST_TIME
    message = "at: takes a time or a list of times"
    hint = "write it like 2026-11-24T10:00+01:00, in quotes"


class TestTwice(Facts):
    """A second test of one name."""

    __test__ = False  # not a class of tests for pytest
    rule = TEST_TWICE
    message = "there is a test {name} already"
    hint = "give one of them another name"
    labels = ("here first",)
    name: str


class TimesAgain(Facts):
    """Several times of a call that is not the first of its test."""

    rule = TEST_TIME
    message = "only the first call of a test has several times"
    hint = "the test runs at each of them; write one time here"


class TwoAnswers(Facts):
    """An option of `given fetch` that says how a server answers, beside the word for a server that does not."""

    rule = TWO_ANSWERS
    message = "a server that {outcome:s} has no {option}"
    hint = "remove one of the two"
    outcome: str
    option: Wire

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        outcome = {"times_out": "times out"}.get(self.outcome, self.outcome)
        return self.say(spelling, self.message, self.hint, outcome=outcome)
