"""Write the text that a proposal inserts, with placeholders as editors know them: `$1`, `${1:text}`, `${1|one,two|}`."""

from __future__ import annotations

import re

from ncco_lang.ncco.literals_from_json import spell, written
from ncco_lang.reference.option_words import amount
from ncco_lang.values import units
from ncco_lang.vocabulary.kinds import LANGUAGES
from ncco_lang.vocabulary.option_specs import OptionSpec

_SIGNS = re.compile(r"[\\$}]")
_CHOICE_SIGNS = re.compile(r"[\\,|]")
_MOST_CHOICES = 12
_FEW = 12


def escaped(text: str) -> str:
    """Return a text escaped for a snippet."""
    return _SIGNS.sub(lambda sign: f"\\{sign[0]}", text)


def placeholder(number: int, text: str) -> str:
    """Return a placeholder with its initial text."""
    return f"${{{number}:{escaped(text)}}}" if text else f"${number}"


def choice(number: int, words: list[str]) -> str:
    """Return a placeholder that offers several words."""
    if len(words) == 1:
        return escaped(words[0])
    inner = ",".join(_CHOICE_SIGNS.sub(lambda sign: f"\\{sign[0]}", word) for word in words)
    return f"${{{number}|{inner}|}}"


def choice_of_few(number: int, words: list[str]) -> str:
    """Return a choice, or an empty placeholder if there are too many words to choose from."""
    return choice(number, words) if len(words) <= _MOST_CHOICES else f"${number}"


def truth(option: OptionSpec, number: int) -> str:
    """Return a placeholder for true or false, with the value that is not the default first."""
    return choice(number, ["true", "false"] if option.default is not True else ["false", "true"])


def value_snippet(option: OptionSpec, number: int) -> str:
    """Return a value of an option, with placeholders."""
    if option.data:
        return f'{{ "{placeholder(number, "key")}": $0 }}'
    if option.single and option.item is not None:
        return value_snippet(option.item, number)
    if "array" in option.types:
        return f"[${number}]"
    words = choice_literals(option)
    if words:
        return choice_of_few(number, words)
    if "boolean" in option.types:
        return truth(option, number)
    if option.unit is not None:
        return placeholder(number, duration(option))
    if option.kind in LANGUAGES or option.kind == "name":
        return f"${number}"
    if "string" in option.types:
        return f'"${number}"'
    return placeholder(number, number_of(option))


def choice_literals(option: OptionSpec) -> list[str]:
    """Return the words of an option's enum as an author writes them."""
    values = [spell(option, value) for value in option.enum]
    return [written(value) for value in values if value is not None]


def likely_numbers(option: OptionSpec) -> list[float]:
    """Return the numbers that an option takes on the wire if they are few; otherwise its default and its bounds."""
    low, high = option.minimum, option.maximum
    if "integer" in option.types and low is not None and high is not None and high - low < _FEW:
        return list(range(int(low), int(high) + 1))
    return list(dict.fromkeys(value for value in (option.default, low, high) if value is not None))


def duration(option: OptionSpec) -> str:
    """Return a duration that an option takes: its default, or else its minimum, or one unit."""
    value = option.default if option.default is not None else option.minimum
    return units.show(value or 1, option.unit or "s")


def number_of(option: OptionSpec) -> str:
    """Return a number that an option takes: its default, or else its minimum."""
    value = option.default if option.default is not None else option.minimum
    return "" if value is None else amount(option, value)
