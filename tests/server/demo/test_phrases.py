"""The phrase grammar: plenty, whole, clean, and fitting."""

from __future__ import annotations

import re

import numpy as np
import pytest

from luotain.language.identify import identify
from luotain.server.demo import company, phrases
from luotain.terms import Emotion

_EMOTIONS = [emotion.value for emotion in Emotion if emotion.asked]


def _stories(language: str, count: int) -> list[str]:
    rng = np.random.default_rng(5)
    stories = []
    for number in range(count):
        touchpoint = company.TOUCHPOINTS[number % len(company.TOUCHPOINTS)].code
        stories.append(
            phrases.story(
                language, touchpoint, cause="", emotion=_EMOTIONS[number % len(_EMOTIONS)], good=number % 2 == 0,
                blind=False, dice=rng.integers(0, 2**16, phrases.DICE).tolist(),
            )
        )  # fmt: skip
    return stories


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_thousands_of_stories_differ(language: str) -> None:
    assert len(set(_stories(language, 10_000))) > 5_000


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_touchpoint_cause_and_emotion_has_words(language: str) -> None:
    book = phrases.LANGUAGES[language]
    codes = {plan.code for plan in company.TOUCHPOINTS} | {"relationship"}
    assert set(book.PRAISE) == set(book.BLAME) == codes
    assert set(book.CAUSE) == {plan.code for plan in company.CAUSES}
    assert set(book.FEEL) == set(_EMOTIONS)
    assert set(book.LOST) == {code for code, *_ in company.REASONS}


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_sentence_is_whole_and_names_nobody(language: str) -> None:
    for sentence in phrases.sentences(language):
        assert sentence[0].isupper(), sentence
        assert sentence[-1] in ".!?”", sentence
        assert "  " not in sentence
        assert not re.search(r"@|https?:|www\.|\+\d|\d{5,}", sentence), sentence


def test_stories_are_in_the_language_they_say() -> None:
    for language in ("fi", "sv", "en"):
        told = [story for story in _stories(language, 400) if len(story) > 60]
        right = sum(identify(story) == language for story in told)
        assert right / len(told) > 0.95, language


def test_a_complaint_about_the_invoice_speaks_of_the_debt() -> None:
    stories = {
        phrases.story("fi", "invoice", cause="invoice_wording", emotion="embarrassment", good=False, blind=False,
                      dice=[die, 0, 0, 0, 0, 0])
        for die in range(3)
    }  # fmt: skip
    assert any("nykyinen velkanne" in story for story in stories)
