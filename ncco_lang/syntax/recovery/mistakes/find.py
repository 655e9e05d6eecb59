"""The order in which a token that does not fit is compared with the known mistakes."""

from __future__ import annotations

from ncco_lang.syntax.recovery.mistakes.assignments import ASSIGNMENT_MISTAKES
from ncco_lang.syntax.recovery.mistakes.brackets import find_missing_opening
from ncco_lang.syntax.recovery.mistakes.comments import COMMENT_MISTAKES
from ncco_lang.syntax.recovery.mistakes.control_words import CONTROL_MISTAKES
from ncco_lang.syntax.recovery.mistakes.declarations import DECLARATION_MISTAKES, find_untitled_param
from ncco_lang.syntax.recovery.mistakes.joined_texts import find_joined_texts
from ncco_lang.syntax.recovery.mistakes.loose_options import find_loose_options
from ncco_lang.syntax.recovery.mistakes.mistake import Misfit, Mistake
from ncco_lang.syntax.recovery.mistakes.operators import OPERATOR_MISTAKES
from ncco_lang.syntax.recovery.mistakes.signs import SIGN_MISTAKES, find_status
from ncco_lang.syntax.recovery.mistakes.strings import STRING_MISTAKES

_FINDERS = (
    *CONTROL_MISTAKES,
    *ASSIGNMENT_MISTAKES,
    *OPERATOR_MISTAKES,
    find_status,
    find_untitled_param,
    find_loose_options,
    find_joined_texts,
    *COMMENT_MISTAKES,
    *STRING_MISTAKES,
    *DECLARATION_MISTAKES,
    find_missing_opening,
    *SIGN_MISTAKES,
)


def find_mistake(misfit: Misfit) -> Mistake | None:
    """Return the known mistake that explains a token which does not fit; None if none does."""
    return next((found for find in _FINDERS if (found := find(misfit)) is not None), None)
