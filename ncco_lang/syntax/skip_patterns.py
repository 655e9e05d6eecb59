"""Patterns of the parts of a flow that a search skips, as in `grammar/flow.lark`, and of texts in JSON."""

from __future__ import annotations

COMMENT = r"//[^\r\n]*"
VALUE = r'\{(?:[^{}"\r\n]|"[^"\r\n]*")*+\}'
"""A value between the braces of a text."""
TEXT = rf'"(?!"")(?:\\.|\{{\{{|{VALUE}|[^"\\\r\n])*+"'
"""A text between single quotes: `STRING` of the grammar."""
LONG_TEXT = r'"""(?:\\[\s\S]|[^\\])*?"""'
"""A text between triple quotes: `LONGSTRING` of the grammar."""
TEXT_TO_QUOTE = r'"(?:[^"\\\r\n]|\\.)*+"'
"""A text up to its first quote, as JSON has it. Recovery reads texts so, because braces in a broken line may be no value."""
SKIPPED = f"{LONG_TEXT}|{TEXT}|{COMMENT}"
"""Texts and comments."""
SKIPPED_TO_QUOTE = f"{LONG_TEXT}|{TEXT_TO_QUOTE}|{COMMENT}"
"""Texts and comments of a broken statement; see `TEXT_TO_QUOTE`."""
IN_JSON_TEXT = r'(?:[^"\\\r\n]++|\\[^\r\n])*+'
"""What is between the quotes of a text in JSON, whether it is closed or not."""
JSON_TEXT = f'"{IN_JSON_TEXT}"'
