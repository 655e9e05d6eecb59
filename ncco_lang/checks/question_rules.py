"""The rules about questions and connects that need no path (Q), and what their findings say."""

from __future__ import annotations

from ncco_lang.diagnostics import Facts, Rule
from ncco_lang.words import Spelling, Words, listed

_MOST_SHORT = 3
"""How many keys a finding names."""
_REST = "    give_up -> hangup\n}"

MENU_WITHOUT_CHOICE = Rule(
    code="Q102",
    name="menu-without-choice",
    severity="error",
    why="A menu listens for its keys and phrases. Without any of them, whatever the caller presses or says is wrong.",
    bad=f'menu "Press 1 for sales." {{\n    otherwise -> hangup\n{_REST}',
    good=f'menu "Press 1 for sales." {{\n    1 -> {{ talk "Sales is closed today." }}\n    otherwise -> hangup\n{_REST}',
    language="flow",
)
OPEN_FAILURE = Rule(
    code="Q103",
    name="open-failure",
    severity="error",
    why="A connect with arms is over when the endpoint does not answer, and every way in which that happens needs a place to "
    "go on.",
    bad='connect phone "+44 20 7946 0123" from: "+44 20 7946 0124" {\n    busy -> hangup\n}',
    good='connect phone "+44 20 7946 0123" from: "+44 20 7946 0124" {\n    busy -> hangup\n'
    '    otherwise -> { talk "There is no answer." }\n}',
    language="flow",
)
ANSWER_TWICE = Rule(
    code="Q104",
    name="answer-twice",
    severity="error",
    why="Two arms are for the same answer, and only the first one ever runs. Phrases are compared by their words, without "
    "case, accents and punctuation.",
    bad='menu "Press 1 for sales, 2 for service." {\n    1 -> { talk "Sales is closed today." }\n    1 -> hangup\n'
    + _REST,
    good='menu "Press 1 for sales, 2 for service." {\n    1 -> { talk "Sales is closed today." }\n    2 -> hangup\n'
    + _REST,
    language="flow",
)
LATE_KEY = Rule(
    code="Q105",
    name="late-key",
    severity="info",
    why="A menu waits for as many keys as its longest arm has. After a shorter key, the caller hears nothing until the timeout "
    "is over, because more keys could follow.",
    bad='menu "Press 1 for sales, or key in an extension." {\n    1 -> { talk "Sales is closed today." }\n'
    "    204 -> hangup\n" + _REST,
    good='menu "Press 1 for sales, or 2 for service." {\n    1 -> { talk "Sales is closed today." }\n    2 -> hangup\n'
    + _REST,
    language="flow",
)
TEXT_BEFORE_RETRY = Rule(
    code="Q106",
    name="text-before-retry",
    severity="info",
    why="What a block says before its retry is said even when no retry is left, so the caller hears that and then the arm "
    "give_up. A text of the retry itself is said only when the question follows.",
    bad=f'menu "Press 1 for sales." {{\n    1 -> hangup\n    silence -> {{ talk "Please press a key."; retry }}\n{_REST}',
    good=f'menu "Press 1 for sales." {{\n    1 -> hangup\n    silence -> retry "Please press a key."\n{_REST}',
    language="flow",
)
NO_BARGE_IN = Rule(
    code="Q107",
    name="prompt-without-barge-in",
    severity="info",
    why="A key stops only the last prompts of one kind: the platform does not allow talk and stream with barge-in in a row. "
    "What is before them is heard to its end. Where the account allows both, mixed_barge_in = true in the profile says so.",
    bad='menu "Press 1 for sales." {\n    stream "https://example.com/jingle.mp3"\n    1 -> hangup\n' + _REST,
    good='stream "https://example.com/jingle.mp3"\nmenu "Press 1 for sales." {\n    1 -> hangup\n' + _REST,
    language="flow",
)
RETRY_IN_GIVE_UP = Rule(
    code="Q108",
    name="retry-in-give-up",
    severity="error",
    why="The arm give_up runs when the retries are used up. A retry in it has no retry left and leads to the same arm again, "
    "and a repeat asks callers who do not answer for ever.",
    bad='menu "Press 1 for sales." {\n    1 -> hangup\n    silence -> retry\n    give_up -> retry "Please press 1."\n}',
    good='menu "Press 1 for sales." {\n    retries: 3\n    1 -> hangup\n    silence -> retry "Please press 1."\n'
    + _REST,
    language="flow",
)
IMPOSSIBLE_ANSWER = Rule(
    code="Q109",
    name="impossible-answer",
    severity="error",
    why="This answer is never given, so the arm never runs: a caller enters at most 20 of 0 to 9, * and #, a phrase has words, "
    "and a connect comes to an outcome, such as busy.",
    bad='menu "Press 1 for sales." {\n    1.5 -> hangup\n    silence -> retry\n' + _REST,
    good='menu "Press 1 for sales." {\n    15 -> hangup\n    silence -> retry\n' + _REST,
    language="flow",
)
RETRY_WITHOUT_RETRIES = Rule(
    code="Q110",
    name="retry-without-retries",
    severity="info",
    why="With retries: 0 a question is asked once, so a retry never asks again: the arm give_up runs in its place.",
    bad='menu "Press 1 for sales." {\n    retries: 0\n    1 -> hangup\n    otherwise -> retry "Please press 1."\n'
    + _REST,
    good='menu "Press 1 for sales." {\n    retries: 0\n    1 -> hangup\n    otherwise, give_up -> hangup\n}',
    language="flow",
)

NO_QUESTION = Rule(
    code="Q120",
    name="no-question-to-ask-again",
    severity="error",
    why="retry and repeat ask the question again whose arm they are in. Outside of an arm there is no question to ask.",
    bad='step start {\n    talk "Sorry."\n    retry\n}',
    good='step start {\n    menu "Press 1." {\n        1                  -> hangup\n        silence, otherwise -> retry "Sorry."\n        give_up            -> hangup\n    }\n}',
    language="flow",
)
RULES = (
    MENU_WITHOUT_CHOICE,
    OPEN_FAILURE,
    ANSWER_TWICE,
    LATE_KEY,
    TEXT_BEFORE_RETRY,
    NO_BARGE_IN,
    RETRY_IN_GIVE_UP,
    IMPOSSIBLE_ANSWER,
    RETRY_WITHOUT_RETRIES,
    NO_QUESTION,
)


class MenuWithoutChoice(Facts):
    """A menu without an arm for a key or a phrase."""

    rule = MENU_WITHOUT_CHOICE
    message = "this menu has no key and no phrase to choose"
    hint = "add an arm for each choice: 1 -> …"


class OpenFailure(Facts):
    """A connect with arms, but none for some of its failures."""

    rule = OPEN_FAILURE
    missing: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        if len(self.missing) == 1:
            return self.say(
                spelling, "no arm says what happens on {one:s}", "add an arm {one:s} -> …", one=self.missing[0]
            )
        hint = "add an arm otherwise -> …, or arms for {names:s}"
        return self.say(spelling, "no arm says what happens on some failures", hint, names=listed(self.missing))


class AnswerTwice(Facts):
    """An answer that an arm before this one takes; `kind` is `key`, `phrase` or `outcome`, `answer` the key or outcome."""

    rule = ANSWER_TWICE
    labels = ("this arm takes it",)
    kind: str
    answer: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        if self.kind == "phrase":
            return self.say(spelling, "an arm before this has a phrase with the same words", "say it in other words")
        hint = "use another key" if self.kind == "key" else "put both into one arm"
        return self.say(spelling, "an arm before this is for {answer:s} already", hint)


class LateKey(Facts):
    """A key so long that shorter ones are taken only after a time-out, which is `wait`, or the author's expression."""

    rule = LATE_KEY
    hint = "give all keys the same length, or the menu a shorter timeout: …"
    labels = ("this key waits",)
    short: tuple[str, ...]
    long: str
    wait: str
    of_menu: bool = True

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = self.hint if self.of_menu else "give the question a shorter timeout: …"
        short = "{short}" if len(self.short) <= _MOST_SHORT else "a shorter key"
        return self.say(spelling, f"after {short} the call waits {{wait:s}}, because of {{long}}", hint)


class TextBeforeRetry(Facts):
    """A talk before a retry in the block of an arm."""

    rule = TEXT_BEFORE_RETRY
    message = "this is said even when no retry is left"
    hint = 'move it into the retry: retry "…"'
    labels = ("this happens only while a retry is left",)


class NoBargeIn(Facts):
    """A prompt that a key does not stop, because one of the other kind follows it."""

    rule = NO_BARGE_IN
    message = "a key does not stop this {prompt:s}: a {following:s} follows it"
    hint = "use {following:s} for both, or put this before the menu"
    labels = ("a key stops this",)
    prompt: str
    following: str


class NoQuestion(Facts):
    """`retry` or `repeat` that is in no arm of a question; `name` follows it."""

    rule = NO_QUESTION
    message = "{verb:s} is in no arm of a question"
    verb: str
    name: str = ""

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        if self.name:
            return self.say(
                spelling, self.message, "no ask fills {name:s}: name a question, or write it in an arm of one"
            )
        return self.say(spelling, self.message, "write it in an arm, as in: silence -> {verb:s}")


class RetryInGiveUp(Facts):
    """A retry or repeat, `verb`, in the arm that runs when the retries are used up."""

    rule = RETRY_IN_GIVE_UP
    message = "give_up cannot {verb:s}: the retries are used up"
    hint = "lead on to a step, or raise retries: of the question"
    labels = ("this arm runs when no retry is left",)
    verb: str


class ImpossibleKey(Facts):
    """A number that is not keys of a telephone, or more of them than the platform takes, which is `most`."""

    rule = IMPOSSIBLE_ANSWER
    key: str
    most: int

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        if len(self.key) > self.most:
            return self.say(spelling, "a caller cannot enter this: it has more than {most} keys", "use fewer keys")
        return self.say(spelling, "a caller cannot enter {key}", "use the keys 0 to 9, * and #")


class EmptyPhrase(Facts):
    """A phrase without words."""

    rule = IMPOSSIBLE_ANSWER
    message = "this phrase has no words to say"
    hint = "write what callers say"


class AnswerOfConnect(Facts):
    """An arm of a connect for a key, a phrase or another value."""

    rule = IMPOSSIBLE_ANSWER
    message = "a connect has no arm for a key or a phrase"
    hint = "use an outcome, such as busy or otherwise"


class RetryWithoutRetries(Facts):
    """A retry of a question that is never asked again."""

    rule = RETRY_WITHOUT_RETRIES
    message = "this never asks again: retries is 0"
    hint = "lead where give_up leads, or raise retries"
    labels = ("no retry is left at the first answer",)


class ElementTwice(Facts):
    """An element that callers choose like an arm, or like an element before it."""

    rule = ANSWER_TWICE
    message = "an answer before this is the same"
    hint = "write it once, or in other words"
    labels = ("this answer is taken",)


class ImpossibleElement(Facts):
    """An element that has neither keys nor words."""

    rule = IMPOSSIBLE_ANSWER
    message = "a caller can neither key this in nor say it"
    hint = "use digits or a text; of a range, whole numbers from 0"


class TooLongForEntry(Facts):
    """A key that has more digits than the entry, `most`, which the `option` sets."""

    rule = IMPOSSIBLE_ANSWER
    message = "a caller cannot enter this: the entry ends after {most} keys"
    hint = "use fewer keys, or submit_on_hash: true, which takes up to 20"
    labels = ("this ends it",)
    most: int
    option: str


class EmptyRange(Facts):
    """A range that ends before it begins."""

    rule = IMPOSSIBLE_ANSWER
    message = "no answer is in this range"
    hint = "write the smaller number first"


class NothingToChoose(Facts):
    """A list or a table without elements."""

    rule = IMPOSSIBLE_ANSWER
    message = "there is nothing to choose in this"
    hint = "give it at least one element"
