"""Parse JSON past the usual mistakes, with a finding for each.

In comes a `Source`; out come a tree of `JsonNode`s and the findings. `syntax/json.py` is the door to it.
"""

from __future__ import annotations

import json
import re

from ncco_lang.diagnostics import Edit, Fix
from ncco_lang.source import Source, Span
from ncco_lang.syntax import json_rules as rules
from ncco_lang.syntax.depth import DEEPEST_DATA
from ncco_lang.syntax.foreign_documents import foreign_document
from ncco_lang.syntax.json_nodes import LONE, JsonNode, UnusualError, finite, raw_offsets
from ncco_lang.syntax.json_quotes import KEY, Quotes, Role, Torn
from ncco_lang.syntax.json_tokens import TOKEN, StopError, Tokens

_LITERALS = {"true": True, "false": False, "null": None}
_FOREIGN = {"True": "true", "False": "false", "None": "null", "undefined": "null", "nil": "null"}


class Parser(Tokens):
    """Reads lists and objects with a stack of the open ones, without recursion."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.quotes = Quotes(source.text)

    # The current token as a value.

    def leaf(self, role: Role) -> JsonNode:
        """Return the node of a value that is neither list nor object; raises `StopError` if there is no value."""
        torn = self.quotes.torn(self.start, self.end, role) if self.kind in ("string", "quoted") else None
        if torn is not None:
            return self.torn_text(torn)
        node = JsonNode(self.start, self.end)
        word = self.text[self.start : self.end]
        if self.kind == "string":
            node.value = self.string_value(word)
        elif self.kind == "number":
            self.number(node, word)
        elif self.kind == "word" and word in _LITERALS:
            node.value = _LITERALS[word]
        elif self.kind == "badnumber" or (self.kind == "word" and word in ("NaN", "Infinity")):
            self.bad_number(node, word)
        elif self.kind == "word" and word in _FOREIGN:
            right = _FOREIGN[word]
            node.value = _LITERALS[right]
            fix = Fix(f"write {right}", (Edit(self.span(), right),))
            self.report(rules.ForeignLiteral(word=word, right=right), self.span(), fix=fix)
        elif self.kind == "quoted":
            node.value = self.requoted(word)
        else:
            raise self.unexpected("a value")
        return node

    def number(self, node: JsonNode, word: str) -> None:
        try:
            node.value = finite(word) if any(char in word for char in ".eE") else int(word)
        except (ValueError, UnusualError):
            node.broken = True
            self.report(rules.HugeNumber(), self.span())

    def bad_number(self, node: JsonNode, word: str) -> None:
        node.broken = True
        if word.lstrip("+-") in ("NaN", "Infinity"):
            self.report(rules.NotANumber(word=word), self.span())
            return
        fix = None
        plain = word.removeprefix("+")
        plain = re.sub(r"^(-?)\.", r"\g<1>0.", plain)
        plain = re.sub(r"\.$", "", plain)
        match = TOKEN.fullmatch(plain)
        if match is not None and match.lastgroup == "number":
            fix = Fix(f"write {plain}", (Edit(self.span(), plain),))
            node.value = float(plain)
        self.report(rules.BadNumber(right=plain if fix else None), self.span(), fix=fix)

    def string_value(self, literal: str) -> str:
        try:
            value: str = json.loads(literal)
        except ValueError as error:
            at = self.start + getattr(error, "pos", 0)
            facts = rules.BadText(kind="control" if self.text[at : at + 1] < " " else "escape")
            self.report(facts, Span(at, min(at + 1, self.end)))
            return literal[1:-1]
        if "\\u" in literal and (lone := LONE.search(value)):
            start, end = raw_offsets(literal, lone.start(), lone.end())
            self.report(rules.LoneSurrogate(), Span(self.start + start, self.start + end))
        return value

    def torn_text(self, torn: Torn) -> JsonNode:
        """Return the node of a text that contains quotes without a backslash; the token becomes the whole text."""
        node = JsonNode(self.start, torn.end)
        inside = Span(self.start + 1, torn.end - 1)
        node.broken, node.value = True, self.text[inside.start : inside.end]
        first = Span(torn.quotes[0], torn.quotes[0] + 1)
        if self.text[self.start] == '"':
            edits = tuple(Edit(Span(quote, quote + 1), '\\"') for quote in torn.quotes)
            self.report(rules.QuoteInside(), first, fix=self.guessed('write \\" inside the text', edits, torn))
        else:
            literal = json.dumps(node.value, ensure_ascii=False)
            edits = (Edit(Span(self.start, torn.end), literal),)
            self.report(rules.WrongQuotes(), first, fix=self.guessed("use double quotes", edits, torn))
        self.pos = self.end = torn.end
        return node

    def guessed(self, title: str, edits: tuple[Edit, ...], torn: Torn) -> Fix | None:
        """Return an unsafe fix; None if the text could end elsewhere or contains escapes."""
        has_escapes = "\\" in self.text[self.start : torn.end] and len(edits) == 1
        return Fix(title, edits, unsafe=True) if torn.is_certain and not has_escapes else None

    def requoted(self, word: str) -> str:
        inner = word[1:-1]
        if word[0] in "'`":
            inner = inner.replace("\\" + word[0], word[0])
        inner = re.sub(r'(?<!\\)"', '\\"', inner)
        literal = '"' + inner.replace("\r", "\\r").replace("\n", "\\n") + '"'
        try:
            value: str = json.loads(literal)
        except ValueError:
            value, literal = inner, json.dumps(inner, ensure_ascii=False)
        fix = Fix("use double quotes", (Edit(self.span(), literal),))
        self.report(rules.WrongQuotes(), self.span(), fix=fix)
        return value

    def unexpected(self, wanted: str, opened: JsonNode | None = None, after: str | None = None) -> StopError:
        """Report what was found here and what was expected, perhaps after a key."""
        if self.kind == "end":
            facts = rules.Unexpected(wanted=wanted, after=after, found=None)
            return self.stop(facts, also=() if opened is None else (Span(opened.start, opened.start + 1),))
        here = self.text[self.start]
        if self.kind == "odd" and here in "\"'“”„‘’`":
            line_end = re.compile(r"[\r\n]|$").search(self.text, self.start)
            end = line_end.start() if line_end else self.start + 1
            return self.stop(rules.UnclosedText(), Span(self.start, max(end, self.start + 1)))
        found = self.text[self.start : self.end] if self.kind == "word" else here
        found = found if here.isprintable() else f"U+{ord(here):04X}"
        return self.stop(rules.Unexpected(wanted=wanted, after=after, found=found))

    # Lists and objects.

    def document(self) -> JsonNode:
        """Return the one value of the text."""
        if (other := foreign_document(self.text)) is not None:
            what, instead, begin = other
            line_end = self.text.find("\n", begin)
            span = Span(begin, line_end if line_end > begin else len(self.text))
            raise self.stop(rules.OtherDocument(what=what, instead=instead), span)
        self.advance()
        if self.kind == "end":
            raise self.stop(rules.NothingHere(), Span(0, min(1, len(self.text))))
        root = self.value_tree()
        return root if self.kind == "end" else self.several(root)

    def several(self, first: JsonNode) -> JsonNode:
        """Read what follows the first value: further actions, which belong in one list with it, or extra text."""
        values, edits = [first], [Edit(Span(first.start, first.start), "[")]
        second: Span | None = None
        last: Edit | None = None
        while self.kind != "end":
            between = self.span() if self.kind == "," or self.text[self.start] == ";" else None
            if between is not None:
                self.pos = self.end
                self.advance()
            if self.kind != "{" or first.members is None:
                last = None if between is None else Edit(between, "]")
                break
            second = second or self.span()
            if between is None:
                edits.append(Edit(Span(self.previous_end, self.previous_end), ","))
            elif self.text[between.start] == ";":
                edits.append(Edit(between, ","))
            values.append(self.value_tree())
        if self.kind == "end" and last is not None and len(values) == 1 and self.text[last.span.start] == ",":
            self.report(rules.TrailingComma(), last.span, fix=Fix("remove the comma", (Edit(last.span, ""),)))
            return first
        if self.kind == "]" and first.members is not None:
            # The closing bracket is there, and only the opening one is missing.
            last = Edit(Span(self.start, self.end) if last is None else Span(last.span.start, self.end), "]")
            self.advance()
        is_ncco = self.kind == "end" and all(value.child("action") for value in values)
        last = last or Edit(Span(values[-1].end, values[-1].end), "]")
        fix = Fix("put all actions into one list", (*edits, last)) if is_ncco else None
        self.report(rules.SeveralValues(), second or self.span(), fix=fix)
        if not is_ncco and not first.child("action"):
            return first
        # Also where the rest cannot be read: brackets around what was read would only be in the way.
        root = JsonNode(first.start, values[-1].end)
        root.items = values
        return root

    def value_tree(self) -> JsonNode:
        """Read one value; on return the token after it is current."""
        stack: list[JsonNode] = []
        while True:
            if self.kind in ("[", "{"):
                node = self.open(len(stack))
            else:
                node = self.leaf("member" if stack and stack[-1].members is not None else "item")
            if node.items is None and node.members is None:
                self.advance()
            else:
                stack.append(node)
            while True:
                if not stack:
                    return node
                if self.wants_value(stack, node):
                    break
                node = stack.pop()
                node.end = self.end
                self.advance()

    def open(self, depth: int) -> JsonNode:
        if depth >= DEEPEST_DATA:
            self.report(rules.NestedTooDeep(most=DEEPEST_DATA), self.span())
            raise StopError
        node = JsonNode(self.start, self.end)
        if self.kind == "[":
            node.items = []
        else:
            node.members = []
        self.advance()
        return node

    def wants_value(self, stack: list[JsonNode], latest: JsonNode) -> bool:
        """Attach the last value and go to the next; return False if the innermost list or object closes here."""
        top = stack[-1]
        if latest is not top:
            self.attach(top, latest)
        closing = "]" if top.items is not None else "}"
        if latest is not top and self.separator(top, closing):
            return False
        if latest is top and self.kind == closing:
            return False
        if top.members is not None:
            self.key(top)
        return True

    def attach(self, top: JsonNode, node: JsonNode) -> None:
        if top.items is not None:
            top.items.append(node)
        elif top.members is not None:
            key, span, _ = top.members[-1]
            top.members[-1] = (key, span, node)

    def separator(self, top: JsonNode, closing: str) -> bool:
        """Pass the comma after an entry; return True if the closing bracket follows instead."""
        if self.kind == closing:
            return True
        if self.kind == ",":
            comma = self.span()
            self.advance()
            if self.kind == closing:
                self.report(rules.TrailingComma(), comma, fix=Fix("remove the comma", (Edit(comma, ""),)))
                return True
            if self.kind == ",":
                raise self.stop(rules.EntryMissing())
            return False
        if self.is_comma_missing(top):
            fix = Fix("add the comma", (Edit(Span(self.previous_end, self.previous_end), ","),))
            self.report(rules.MissingComma(), Span(self.previous_end - 1, self.previous_end), fix=fix)
            return False
        raise self.unexpected(f"a comma or the closing {closing}", top)

    def is_comma_missing(self, top: JsonNode) -> bool:
        """Return whether another entry begins here. In a text that contains a quote, the rest only looks like one."""
        if self.kind not in ("string", "quoted", "number", "word", "{", "["):
            return False
        if top.members is not None:
            return KEY.match(self.text, self.start) is not None
        is_text = self.text[self.previous_end - 1] in "\"'“”‘’"
        return self.kind != "word" and (not is_text or self.quotes.is_end(self.previous_end, "item"))

    def key(self, top: JsonNode) -> None:
        """Read a key and its colon; the value's first token is current afterwards."""
        if self.kind in ("string", "quoted") and (torn := self.quotes.torn(self.start, self.end, "key")):
            self.torn_text(torn)
            raise StopError
        span = self.span()
        word = self.text[self.start : self.end]
        if self.kind == "string":
            key = self.string_value(word)
        elif self.kind == "quoted":
            key = self.requoted(word)
        elif self.kind == "word":
            key = word
            self.report(rules.UnquotedKey(key=key), span, fix=Fix("add the quotes", (Edit(span, f'"{word}"'),)))
        else:
            raise self.unexpected('a key, such as "action"', top)
        self.advance()
        if self.kind != ":":
            raise self.unexpected("a colon", after=key)
        self.advance()
        members = top.members if top.members is not None else []
        members.append((key, span, JsonNode(span.end, span.end)))

    def duplicates(self, root: JsonNode) -> None:
        """Report each duplicate key of an object."""
        waiting = [root]
        while waiting:
            node = waiting.pop()
            waiting += node.items or ()
            first: dict[str, Span] = {}
            for key, span, member in node.members or ():
                waiting.append(member)
                if key in first:
                    self.report(rules.KeyTwice(key=key), span, also=(first[key],))
                first.setdefault(key, span)
