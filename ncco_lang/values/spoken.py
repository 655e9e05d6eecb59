"""Spell values for speech: text → the text that a voice reads as digits, letters or a telephone number; and compare speech."""

from __future__ import annotations

import re
import unicodedata

from ncco_lang.values.phone import e164_digits

_WORD = re.compile("[a-z0-9]+")
"""A word in lower case and ASCII."""
_APOSTROPHES = re.compile("['’]")
_ACCENTS = re.compile("[\u0300-\u036f]")
"""The marks of Latin, Greek and Cyrillic letters; those of other scripts make another letter (か, が)."""
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Characters of scripts without blanks between words: Thai, Lao, Burmese, Khmer, Japanese and Chinese."""


def spoken_digits(text: str, *, slow: bool = False) -> str | None:
    """Return the digits one by one, `"4711"` → `"4 7 1 1"`; if slow, with pauses between them. None without a digit.

    Blanks, dashes and dots between them are left out; all other characters stay.
    """
    characters = [character for character in text if character not in " -./\u00a0"]
    if not any(character.isdigit() for character in characters):
        return None
    return (", " if slow else " ").join(characters)


def spoken_letters(text: str) -> str:
    """Return the letters and digits one by one: `"NL42"` → `"N L 4 2"`."""
    return " ".join(character for character in text if not character.isspace())


def spoken_phone(text: str) -> str | None:
    """Return a telephone number digit by digit, with pauses between the groups of its country: `"+31 2 0, 1 2 3, …"`.

    None if the number is not in international form. The groups are those of the numbering plans in `phonenumberslite`.
    """
    digits = e164_digits(text)
    if digits is None:
        return None
    # Imported here: its tables cost more than a whole check.
    import phonenumbers

    try:
        number = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException:
        return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    groups = written.removeprefix("+").replace("-", " ").split()
    return "+" + ", ".join(" ".join(group) for group in groups)


def spoken_words(text: str) -> str:
    """Return the words of a text without case, accents and punctuation, each with a blank before and after it.

    In a script without blanks between words each character is a word.
    """
    if text.isascii():
        words = _WORD.findall(text.casefold().replace("'", ""))
        return f" {' '.join(words)} "
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold())))
    characters = (
        f" {each} " if _UNSPACED.match(each) else each if _is_of_word(each) else " "
        for each in _APOSTROPHES.sub("", plain)
    )
    return f" {' '.join(''.join(characters).split())} "


def _is_of_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")


def same_words(phrase: str, said: str) -> bool:
    """Return whether two texts are the same words, both from `spoken_words`; `e mail` and `email` are the same."""
    letters = phrase.replace(" ", "")
    return bool(letters) and letters == said.replace(" ", "")


def is_said(phrase: str, said: str) -> bool:
    """Return whether a phrase is part of what was said, both from `spoken_words`; `e mail` and `email` are the same."""
    letters = phrase.replace(" ", "")
    if not letters or letters not in said.replace(" ", ""):
        return False
    return phrase in said or re.search(f" {' ?'.join(letters)} ", said) is not None
