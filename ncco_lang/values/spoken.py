"""How a value is said: text → the text that a voice reads as digits, letters or a telephone number."""

from __future__ import annotations

from ncco_lang.values.phone import e164_digits


def spoken_digits(text: str, *, slow: bool = False) -> str | None:
    """Each digit by itself, `"4711"` → `"4 7 1 1"`; slowly with a pause behind each. None where there is no digit.

    Blanks, dashes and dots between them are left out; anything else is kept in its place.
    """
    characters = [character for character in text if character not in " -./\u00a0"]
    if not any(character.isdigit() for character in characters):
        return None
    return (", " if slow else " ").join(characters)


def spoken_letters(text: str) -> str:
    """Each letter and digit by itself: `"NL42"` → `"N L 4 2"`."""
    return " ".join(character for character in text if not character.isspace())


def spoken_phone(text: str) -> str | None:
    """A telephone number in the groups of its country, digit by digit: `"+31 2 0, 1 2 3, …"` has a pause between groups.

    None where it is no number in international form. The groups are those of the numbering plans in `phonenumberslite`.
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
