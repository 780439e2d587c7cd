"""The phrase grammar: plenty, whole, clean, and fitting."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from luotain.language.identify import identify
from luotain.server.demo import company, phrases
from luotain.server.demo.phrases import letters
from luotain.terms import Emotion

_EMOTIONS = [emotion.value for emotion in Emotion if emotion.asked]


def _scene(number: int, **more: Any) -> phrases.Scene:
    touchpoint = company.TOUCHPOINTS[number % len(company.TOUCHPOINTS)].code
    emotion = _EMOTIONS[number // 30 % len(_EMOTIONS)]
    return phrases.Scene(**{"touchpoint": touchpoint, "emotion": emotion, "tone": number % 3 - 1, **more})


def _stories(language: str, count: int, **more: Any) -> list[str]:
    rng = np.random.default_rng(5)
    dice = rng.integers(0, 2**16, (count, phrases.DICE)).tolist()
    return [phrases.story(language, _scene(number, **more), dice[number]) for number in range(count)]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_thousands_of_stories_differ(language: str) -> None:
    assert len(set(_stories(language, 10_000))) > 5_000


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_touchpoint_cause_and_emotion_has_words(language: str) -> None:
    book = phrases.LANGUAGES[language]
    codes = {plan.code for plan in company.TOUCHPOINTS} | {"relationship"}
    assert set(book.PRAISE) == set(book.BLAME) == codes
    causes = {plan.code for plan in company.CAUSES}
    assert {code.partition("@")[0] for code in book.CAUSE} == causes
    assert set(book.PROMISED) <= causes
    assert set(phrases.BLAMED) == codes
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
    scene = phrases.Scene(touchpoint="invoice", emotion="embarrassment", tone=-1, cause="invoice_wording")
    stories = {phrases.story("fi", scene, [die, 0, 0, 0, 0, 0]) for die in range(3)}
    assert any("nykyinen velkanne" in story for story in stories)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_whoever_scores_low_blames_and_whoever_scores_high_praises(language: str) -> None:
    book = phrases.LANGUAGES[language]
    praise = {sentence for group in book.PRAISE.values() for sentence in group}
    for story in _stories(language, 900, tone=-1):
        assert not any(story.startswith(sentence) for sentence in praise), story
    for story in _stories(language, 900, tone=1, emotion="joy"):
        assert any(story.startswith(sentence) for sentence in praise), story


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_bad_feeling_beside_a_good_score_has_its_but(language: str) -> None:
    book = phrases.LANGUAGES[language]
    for story in _stories(language, 300, tone=1, emotion="anger"):
        assert story.endswith(tuple(book.OTHERWISE)), story


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_no_gap_is_left_open_and_most_complaints_tell_when_or_where(language: str) -> None:
    stories = _stories(language, 900, tone=-1, emotion="anger")
    assert not any("{" in story for story in stories)
    told = sum(bool(re.search(r"\d|na |na\.|ana|på \w+dagen|on \w+day", story)) for story in stories)
    assert told / len(stories) > 0.5


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_agents_answer_every_cause_and_sign_with_their_name(language: str) -> None:
    told = set()
    for cause in {plan.code for plan in company.CAUSES} | {code for pair in phrases.BLAMED.values() for code in pair}:
        _, text = letters.letter(language, cause, agent="Emilia Saarela", gift=True, die=len(told))
        assert "Emilia Saarela" in text
        told.add(text)
    assert len(told) > 10
