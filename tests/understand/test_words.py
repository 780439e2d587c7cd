"""Which words tell two groups apart: counted by people, by base form, and claimed by units only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import luotain
from luotain.understand.given import BadInput, TooFewAnswers
from luotain.understand.text.lemmas import lemmas

COMMON = [f"sana{chr(97 + at)}" for at in range(20)]


def texts(units: int = 12, each: int = 15, *, queue: float = 0.4, uneven: float = 0.0, seed: int = 1) -> dict[str, Any]:
    """Return texts of two sides; on the first, people write "jono" oftener. Units may differ among themselves."""
    rng = np.random.default_rng(seed)
    rows: dict[str, list[Any]] = {"text": [], "side": [], "unit": []}
    for side, share in (("after", 0.1), ("before", queue)):
        for number in range(units):
            own = np.clip(0.3 * np.exp(rng.normal(0, uneven, len(COMMON))), 0, 0.95)
            for _ in range(each):
                chosen = [word for word, odds in zip(COMMON, own, strict=True) if rng.random() < odds]
                chosen += ["jono"] if rng.random() < share else []
                rows["text"].append(" ".join(chosen) or "ok")
                rows["side"].append(side)
                rows["unit"].append(f"{side}{number}")
    return rows


def found_in(table: dict[str, Any], **more: Any) -> luotain.understand.results.Result:
    return luotain.words(table, **{"text": "text", "group": "side", "unit": "unit", **more})


def test_a_word_that_truly_differs_stands_first_and_is_claimed() -> None:
    found = found_in(texts())
    top = found[0]
    assert (top.word, top.side, top.verdict) == ("jono", "before", "claimed")
    assert top.z < 0
    assert top.share_second > 3 * top.share_first
    assert top.low < top.share_second < top.high
    assert (found.units_first, found.units_second, found.provable) == (12, 12, True)


def test_where_units_merely_differ_among_themselves_nothing_is_claimed() -> None:
    claims = pooled = 0
    for seed in range(20):
        found = found_in(texts(queue=0.1, uneven=0.8, each=30, seed=seed))
        claims += sum(row.verdict == "claimed" for row in found)
        pooled += sum(abs(row.z) > 1.96 for row in found)
    # 21 words in 20 histories: ranks alone would have called many of them different.
    assert claims <= 4
    assert pooled > 60


def test_few_units_are_ranked_and_not_proven() -> None:
    found = found_in(texts(units=9, each=40))
    assert found[0].word == "jono"
    assert {row.verdict for row in found} == {"ranked"}
    assert found[0].q is None
    assert any("there are 9 and 9" in note for note in found.notes)
    assert not found_in(texts(), unit=None).provable


def test_people_are_counted_and_not_how_often_they_say_it() -> None:
    table = {
        "text": ["jono jono jono jono", "ruoka", "ruoka", "ruoka ja jono"],
        "side": ["a", "a", "b", "b"],
        "who": ["x", "x", "y", "z"],
        "unit": ["1", "1", "2", "2"],
    }
    by_row = {row.word: row for row in found_in(table, least=1)}
    assert (by_row["jono"].count_first, by_row["jono"].count_second) == (1, 1)
    found = found_in(table, least=1, respondent="who")
    assert (found.n_first, found.n_second) == (1, 2)
    assert {row.word: row.count_first for row in found}["ruoka"] == 1


def test_words_are_one_in_all_their_forms() -> None:
    table = {"text": ["Jonossa oli laukkuja", "jonot, laukku", "hyvä", "hyvää"], "side": ["a", "a", "b", "b"]}
    found = luotain.words(table, text="text", group="side", unit=None, language="fi", least=2)
    assert {row.word: (row.count_first, row.count_second) for row in found} == {
        "jono": (2, 0),
        "laukku": (2, 0),
        "hyvä": (0, 2),
    }
    plain = luotain.words(table, text="text", group="side", unit=None, least=2)
    assert list(plain) == []


def test_the_language_is_a_column_a_code_or_told_from_the_text() -> None:
    table = {
        "text": ["henkilökunta oli todella ystävällistä lennolla", "the staff were really friendly on our flights"],
        "side": ["a", "b"],
        "tongue": ["fi", "en-GB"],
    }
    by_column = luotain.words(table, text="text", group="side", unit=None, language="tongue", least=1)
    told = {row.word for row in by_column}
    assert {"lento", "flight"} <= told
    by_itself = luotain.words(table, text="text", group="side", unit=None, language="auto", least=1)
    assert {row.word for row in by_itself} == told
    with pytest.raises(BadInput, match="code of two letters"):
        luotain.words(table, text="text", group="side", unit=None, language="suomi", least=1)


def test_letters_beside_words_are_no_words() -> None:
    assert lemmas("A4-tulostin KU127 123 x e-lasku o'clock", "") == ["tulostin", "e-lasku", "o'clock"]
    assert lemmas("LENNOT Lentojen", "fi") == ["lento", "lento"]


def test_two_of_several_sides_are_named_or_asked_for() -> None:
    table = {"text": ["jono"] * 6, "side": ["a", "b", "c"] * 2, "unit": ["1"] * 6}
    with pytest.raises(BadInput, match=r"3 values \(a, b, c\)"):
        found_in(table)
    with pytest.raises(BadInput, match="there is a, b, c"):
        found_in(table, sides=("a", "d"))
    found = found_in(table, sides=("c", "a"), least=1)
    assert (found.first, found.second, found.left_out) == ("c", "a", 2)


def test_a_side_without_texts_is_refused() -> None:
    with pytest.raises(TooFewAnswers, match="side 'b' has no texts"):
        found_in({"text": ["jono", " "], "side": ["a", "b"], "unit": ["1", "2"]})
