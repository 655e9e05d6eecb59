"""The rules about the phrases of questions, the forms of `ask` and `retry NAME` (Q), and what their findings say."""

from __future__ import annotations

from ncco_lang.diagnostics import Facts, Rule

_REST = "    give_up -> hangup\n}"

QUESTION_OF_NAME = Rule(
    code="Q121",
    name="no-question-of-that-name",
    severity="error",
    why="retry NAME asks the question again that fills the name, so one question has to fill it. A name that a lookup or set "
    "fills has no question, and of two questions it would not be clear which one is meant.",
    bad='step start {\n    ask code "Your code?" digits: 4 { give_up -> hangup }\n    ask code "Once more." digits: 4 '
    "{ give_up -> hangup }\n    retry code\n}",
    good='step start {\n    ask code "Your code?" digits: 4 { give_up -> hangup }\n    ask again "Once more." digits: 4 '
    "{ give_up -> hangup }\n    retry code\n}",
    language="flow",
)
ONE_SENTENCE = Rule(
    code="Q111",
    name="one-sentence-for-two",
    severity="warning",
    why="One phrase ends with the words with which another begins, so callers can say both in one sentence. The phrase with "
    "more words is taken then, and of two that are as long the first.",
    bad='menu "What do you need?" {\n    "a new order" -> { talk "Orders are closed today." }\n'
    '    "order status" -> hangup\n' + _REST,
    good='menu "What do you need?" {\n    "a new order" -> { talk "Orders are closed today." }\n'
    '    "status" -> hangup\n' + _REST,
    language="flow",
)
ONE_FORM = Rule(
    code="Q112",
    name="form-of-answer",
    severity="error",
    why="An ask takes answers in one form: digits, speech, or one of several. A menu or an arm for a key beside the answer "
    "is for other ways to answer.",
    bad='ask code "Your code?" digits: 4 speech {\n    silence -> retry\n' + _REST,
    good='ask code "Your code?" digits: 4 {\n    silence -> retry\n' + _REST,
    language="flow",
)
KEY_IN_QUOTES = Rule(
    code="Q122",
    name="key-in-quotes",
    severity="warning",
    why="A text in an arm is a phrase that the caller says. Digits in quotes are no key, so a caller who presses it gets no "
    'further. An arm can have both: 1, "one" -> sales.',
    bad='menu "Press 1 for sales." {\n    "1" -> hangup\n' + _REST,
    good='menu "Press 1 for sales." {\n    1 -> hangup\n' + _REST,
    language="flow",
)
RULES = (ONE_SENTENCE, ONE_FORM, QUESTION_OF_NAME, KEY_IN_QUOTES)


class KeyInQuotes(Facts):
    """A phrase of digits alone, of a question that has no such key."""

    rule = KEY_IN_QUOTES
    message = "{key} is what a caller says, not a key"
    hint = "write {key:s} without quotes for the key"
    key: str


class OneSentence(Facts):
    """Two phrases that one sentence has."""

    rule = ONE_SENTENCE
    message = "{sentence} can mean either phrase"
    hint = "use other words for one of them"
    labels = ("this phrase",)
    sentence: str


class SeveralForms(Facts):
    """An `ask` with two forms of answers."""

    rule = ONE_FORM
    message = "this asks for {first:s} and for {second:s}"
    hint = "take one of them out"
    labels = ("asked for here",)
    first: str
    second: str


class FilledByNoQuestion(Facts):
    """`retry NAME` with a name that only lookups fill."""

    rule = QUESTION_OF_NAME
    message = "no question fills {name:s}"
    hint = "name the one of an ask"
    name: str


class FilledTwice(Facts):
    """`retry NAME` with a name that several questions fill."""

    rule = QUESTION_OF_NAME
    message = "several questions fill {name:s}"
    hint = "give each question a name of its own"
    labels = ("this question fills it", "and this")
    name: str


class FilledAnywhere(Facts):
    """`retry NAME` outside of the arm of `anywhere` that has the question."""

    rule = QUESTION_OF_NAME
    message = "{name:s} belongs to an arm of anywhere, which alone can retry it"
    hint = "ask in a step, and let the arm lead to it"
    labels = ("asked here",)
    name: str
