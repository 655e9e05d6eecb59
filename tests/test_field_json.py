"""Real input as NCCO, and similar mistakes: the findings, and the text after fixes.

A case is `fixtures/field/NN-name.json`, where NN is the kind of mistake. With it are `.txt`, the output of `ncco check`
including its fixes; `.fixed.txt`, the text after `--fix`; and `.unsafe.txt`, the text after `--fix --unsafe-fixes`. The
last two are absent if nothing changes. `make golden` rewrites them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ncco_lang.checker import check_ncco, fix
from ncco_lang.cli.render import render_text
from ncco_lang.fixes import offered
from ncco_lang.source import Source
from tests.conftest import Golden
from tests.laws.test_fix_laws import hold_json

FOLDER = Path(__file__).parent / "fixtures" / "field"
CASES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_findings_and_fixes(path: Path, golden: Golden) -> None:
    text = path.read_bytes().decode("utf-8")
    source = Source(path.name, text)
    golden.check(path.with_suffix(".txt"), render_text(offered(source, check_ncco(source), check_ncco)))
    safe = fix(text).source.text
    for suffix, before, after in (
        (".fixed.txt", text, safe),
        (".unsafe.txt", safe, fix(text, unsafe=True).source.text),
    ):
        if after != before:
            golden.check(path.with_suffix(suffix), after)
        else:
            assert not path.with_suffix(suffix).exists(), "nothing is fixed"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_laws_of_fixes(path: Path) -> None:
    hold_json(path.read_bytes().decode("utf-8"))


def test_what_is_right_stays_as_it_is() -> None:
    for text in RIGHT:
        assert [(each.rule.name, text) for each in check_ncco(Source("right", text))] == []


RIGHT = (
    '[{"action": "talk", "text": "He said \\"hello\\" to us"}]',
    '[{"action": "talk", "text": "Good morning.", "language": "en-gb"}]',
    '[{"action": "input", "type": ["dtmf", "speech"], "eventUrl": ["https://example.com/k"]}]',
    '[{"action": "connect", "from": "12125550123", "endpoint": [{"type": "phone", "number": "14155552671"}]}]',
    *(
        json.dumps([{"action": "talk", "text": text}])
        for text in (
            "That is $5, or 100% of it. A & B; Tom & Jerry. Option C: 50% off!",
            "Press # or *. Our hours are 9-5 [sic].",
            "Dr. No, Nan and Anna are undefeated. The result is null and void.",
            "Grüße aus Zürich, señor: ça va?",
            "The Greek letter π is about 3.14.",
            "A < B and B > C.",
            "<speak>Tom &amp; Jerry <break time='1s'/> 1 &lt; 2</speak>",
            "<speak>In Japanese <lang xml:lang='ja-JP'>こんにちは</lang></speak>",
        )
    ),
    '[{"action": "talk", "text": "こんにちは、世界", "language": "ja-JP"}]',
    '[{"action": "talk", "text": "Привет", "language": "ru-RU"}]',
    '[{"action": "talk", "text": "Namaste, welcome to our shop", "language": "hi-IN"}]',
    '[{"action": "conversation", "name": "SUPPORT_ROOM"}]',
    '[{"action": "conversation", "name": "none-of-your-business"}]',
    '[{"action": "stream", "streamUrl": ["https://localhost.example.com/a.mp3"]}]',
    '[{"action": "stream", "streamUrl": ["https://8.8.8.8/a?file=b.ogg.mp3"]}]',
    '[{"action": "stream", "streamUrl": ["https://example.com/ogg/a"]}]',
    '[{"action": "record"}, {"action": "talk", "text": "Hello."}, {"action": "connect", "from": "12125550123", '
    '"endpoint": [{"type": "phone", "number": "14155552671"}]}]',
)
