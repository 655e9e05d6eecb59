"""The rules about the statements of a `.flow` file: what the vocabulary defines."""

from __future__ import annotations

from ncco_lang.diagnostics import Facts, Rule
from ncco_lang.words import Spelling, Wire, Words

NO_SUCH_VERB = Rule(
    code="F330",
    name="no-such-verb",
    severity="error",
    why="A line begins with a verb, which says what happens. ncco does not know this one.",
    bad='tlak "Hello"',
    good='talk "Hello"',
    language="flow",
)
NO_SUCH_OPTION = Rule(
    code="F331",
    name="no-such-option",
    severity="error",
    why="The statement has no such option, so the caller would get the default instead of what was meant.",
    bad='talk "Hello" volume: 1',
    good='talk "Hello" level: 1',
    language="flow",
)
WIRE_NAME = Rule(
    code="F332",
    name="wire-name",
    severity="error",
    why="The option is written as in JSON. In a flow its name has small letters and underscores.",
    bad='talk "Press 1." bargeIn',
    good='talk "Press 1." barge_in\ninput dtmf',
    language="flow",
)
OPTION_TWICE = Rule(
    code="F333",
    name="option-twice",
    severity="error",
    why="Only one of the two values can reach the platform, and it is not defined which.",
    bad='talk "Hello" style: 1 style: 2',
    good='talk "Hello" style: 2',
    language="flow",
)
MISSING_VALUE = Rule(
    code="F334",
    name="missing-value",
    severity="error",
    why="The platform cannot do this without the value, and refuses the whole call.",
    bad="talk style: 2",
    good='talk "Hello" style: 2',
    language="flow",
)
STRAY_VALUE = Rule(
    code="F335",
    name="stray-value",
    severity="error",
    why="The statement does not use this value. Often a colon is missing after the name of an option.",
    bad='talk "Hello" "Goodbye"',
    good='talk "Hello"\ntalk "Goodbye"',
    language="flow",
)
WRONG_KIND = Rule(
    code="F336",
    name="wrong-kind-of-value",
    severity="error",
    why="The option takes another kind of value, so the platform would refuse the whole call.",
    bad='talk "Hello" style: "2"',
    good='talk "Hello" style: 2',
    language="flow",
)
OUTSIDE_RANGE = Rule(
    code="F337",
    name="outside-range",
    severity="error",
    why="The platform does not go that far: it refuses the value or uses another one.",
    bad='talk "Hello" level: 5',
    good='talk "Hello" level: 1',
    language="flow",
)
NOT_AMONG_CHOICES = Rule(
    code="F338",
    name="not-among-choices",
    severity="error",
    why="The option takes one of a few words, and this is not one of them.",
    bad="record end_on_key: # format: wave",
    good="record end_on_key: # format: wav",
    language="flow",
)
BARE_DURATION = Rule(
    code="F339",
    name="bare-duration",
    severity="error",
    why="A number alone does not say whether seconds or minutes are meant, and a caller may wait sixty times as long.",
    bad='connect phone "+44 20 7946 0123" random_from_number timeout: 25',
    good='connect phone "+44 20 7946 0123" random_from_number timeout: 25s',
    language="flow",
)
UNEVEN_DURATION = Rule(
    code="F340",
    name="uneven-duration",
    severity="error",
    why="The platform counts whole units here, so the duration would be rounded, and the direction is not documented.",
    bad="record end_on_silence: 3500ms",
    good="record end_on_silence: 4s",
    language="flow",
)
NOT_INTERNATIONAL = Rule(
    code="F341",
    name="not-international",
    severity="error",
    why="A number without its country code reaches no telephone, or one in another country.",
    bad='connect phone "020 7946 0123" random_from_number',
    good='connect phone "+44 20 7946 0123" random_from_number',
    language="flow",
)
WRONG_FORM = Rule(
    code="F342",
    name="wrong-form",
    severity="error",
    why="The text does not look like what the option needs, so nothing can be called, played or posted.",
    bad='stream "music.mp3"',
    good='stream "https://example.com/music.mp3"',
    language="flow",
)
OPTION_WITHOUT_VALUE = Rule(
    code="F343",
    name="option-without-value",
    severity="error",
    why="An option without a value means true, and only on the line of its statement. Any other option needs a colon and its value.",
    bad='talk "Hello" style',
    good='talk "Hello" style: 2',
    language="flow",
)
OBJECT_FOR_BLOCK = Rule(
    code="F344",
    name="object-for-block",
    severity="error",
    why="Options of the platform are in a block, where their names and values are checked. JSON objects hold only your own data.",
    bad='record end_on_key: # transcription: { "language": "en-GB" }',
    good="record {\n    end_on_key: #\n    transcription { language: en-GB }\n}",
    language="flow",
)
MISSING_WORD = Rule(
    code="F345",
    name="missing-word",
    severity="error",
    why="A word after the verb says which kind is meant, and the options depend on it.",
    bad='connect "+44 20 7946 0123" random_from_number',
    good='connect phone "+44 20 7946 0123" random_from_number',
    language="flow",
)
EMPTY_FLOW = Rule(
    code="F346",
    name="empty-flow",
    severity="error",
    why="A call without a statement ends as soon as it is answered.",
    bad='flow "Front desk"',
    good='flow "Front desk"\ntalk "Hello"',
    language="flow",
)
MISPLACED_STATEMENT = Rule(
    code="F347",
    name="misplaced-statement",
    severity="error",
    why="A block after an action holds its options; what the caller hears next follows the block.",
    bad='record {\n    end_on_key: #\n    talk "Thank you."\n}',
    good='record {\n    end_on_key: #\n}\ntalk "Thank you."',
    language="flow",
)

NEEDS_RUNTIME = Rule(
    code="F348",
    name="needs-runtime",
    severity="error",
    why="One NCCO cannot wait for what a caller says or keys and then go on in one of several ways. Nor can it hold "
    "what only a call has, such as the caller's number. A flow that needs one of them is a bundle: documents that a runtime "
    "answers webhooks with.",
    bad='menu "Press 1 to order." {\n    1 -> { talk "You can order." }\n    give_up -> hangup\n}',
    good='talk "You can order."',
    language="flow",
)
OUTSIDE_SCHEMA = Rule(
    code="F349",
    name="outside-schema",
    severity="warning",
    why="raw keeps an action as it is written, and this one is not a valid NCCO as far as we know: the platform "
    "may refuse the whole call. From any other statement it would be a mistake of ncco's own, and an error.",
    bad='raw { "action": "dance" }',
    good='raw { "action": "talk", "text": "Hello" }',
    language="flow",
)
IN_RAW = Rule(
    code="F366",
    name="option-in-raw",
    severity="error",
    why="raw is for options that the language does not know. An option of the statement is checked, and is in the NCCO once.",
    bad='talk "Hello" raw: { "style": 2 }',
    good='talk "Hello" style: 2 raw: { "newOption": true }',
    language="flow",
)
RULES = (
    NO_SUCH_VERB,
    NO_SUCH_OPTION,
    WIRE_NAME,
    OPTION_TWICE,
    MISSING_VALUE,
    STRAY_VALUE,
    WRONG_KIND,
    OUTSIDE_RANGE,
    NOT_AMONG_CHOICES,
    BARE_DURATION,
    UNEVEN_DURATION,
    NOT_INTERNATIONAL,
    WRONG_FORM,
    OPTION_WITHOUT_VALUE,
    OBJECT_FOR_BLOCK,
    MISSING_WORD,
    EMPTY_FLOW,
    MISPLACED_STATEMENT,
    NEEDS_RUNTIME,
    OUTSIDE_SCHEMA,
    IN_RAW,
)


class NeedsRuntime(Facts):
    """A flow that is asked for as one NCCO, at the first statement that waits for an answer."""

    rule = NEEDS_RUNTIME
    message = "the call waits here, so the flow needs more than one NCCO"
    hint = "-o DIR writes a bundle for ncco serve; without this statement the flow is one NCCO"


class NeedsCall(NeedsRuntime):
    """A flow that is asked for as one NCCO, at the first statement that reads a value of the call."""

    message = "this reads what only a call has, so the flow needs more than one NCCO"


class OutsideSchema(Facts):
    """A finding that is silenced, although no NCCO can be written with it; `keyword` is the schema's."""

    rule = OUTSIDE_SCHEMA
    message = "the NCCO schema does not allow this: {keyword}"
    hint = "use raw to write what the schema does not know"
    keyword: str


class RefusedByJudge(OutsideSchema):
    """A value that `jsonschema` refuses and our checks accept, which is a mistake of ours."""

    message = "jsonschema refuses {value:s} ({keyword:s}), which ncco accepts"
    hint = "nothing is written; this is a mistake in ncco: please report it with this statement"
    value: str


class InRaw(Facts):
    """A part of the option `raw` that the statement itself writes.

    Attributes:
        part: its keys, with dots between them.
        option: the option that writes it; None for what the words of the statement give, and for its flat objects.
        owner: the statement.
        inside: `raw` has another value in place of the object that holds the options of the statement.
        is_block: the option is a block.
        is_given: the statement gives it beside `raw`.
    """

    rule = IN_RAW
    part: str
    option: Wire | None
    owner: str
    inside: bool = False
    is_block: bool = False
    is_given: bool = False

    def words(self, spelling: Spelling) -> Words:
        if self.inside:
            return self.say(spelling, "{part:s} in raw needs an object of options", 'write "{part:s}": { … }')
        if self.option is None:
            return self.say(spelling, "{owner:s} gives {part:s} itself", "remove it")
        hint = "write {option} { … } beside raw" if self.is_block else "write {option}: … beside raw"
        return self.say(spelling, "{owner:s} has {option} as an option", "remove it" if self.is_given else hint)
