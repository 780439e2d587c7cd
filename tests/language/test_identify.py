"""Which language a text is written in."""

from __future__ import annotations

import pytest

from luotain.language.identify import identify


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Lento oli myöhässä kaksi tuntia eikä kukaan kertonut mitään", "fi"),
        ("Maten var kall och personalen otrevlig", "sv"),
        ("Staff were lovely and kind", "en"),
        ("Väga hea teenindus, aitäh", "et"),
    ],
)
def test_a_sentence_tells_its_language(text: str, language: str) -> None:
    assert identify(text) == language


@pytest.mark.parametrize("text", ["", "ok", "Service", "10/10 !!!", "😀😀😀"])
def test_too_little_text_tells_nothing(text: str) -> None:
    assert identify(text) == ""
