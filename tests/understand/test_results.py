"""Results are frozen, reachable by row, name and attribute, and turn into frames, pages and pictures."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from luotain.understand.results import result

FOUND = result(
    "figures",
    {"place": ["a", "<b>"], "value": np.array([1.5, np.nan]), "low": [1, 2], "high": [2, 3], "flags": [(), ("few",)]},
    facts={"tau2": 3.0},
    notes=["Few answers."],
)


def test_rows_and_columns_are_reached_by_place_name_and_attribute() -> None:
    assert (FOUND[0].value, FOUND[0]["place"], FOUND[-1].value, len(FOUND)) == (1.5, "a", None, 2)
    assert FOUND.low.tolist() == [1, 2] == FOUND["low"].tolist()
    assert FOUND.tau2 == 3.0
    assert [row.place for row in FOUND] == ["a", "<b>"]
    with pytest.raises(AttributeError, match="there is tau2, place, value"):
        FOUND.lows  # noqa: B018


def test_one_figure_lends_its_values() -> None:
    assert result("nps", {"value": [31.0], "n": [412]}, single=True).value == 31.0


def test_nothing_of_a_result_can_be_changed() -> None:
    with pytest.raises(AttributeError):
        FOUND[0].low = 3
    with pytest.raises(AttributeError):
        FOUND.name = "other"
    with pytest.raises(TypeError):
        FOUND.facts["tau2"] = 1
    assert pickle.loads(pickle.dumps(FOUND[1])) == FOUND[1]


def test_a_result_turns_into_frames_with_its_gaps() -> None:
    frame = FOUND.to_pandas()
    assert list(frame.columns) == ["place", "value", "low", "high", "flags"]
    assert np.isnan(frame["value"][1])
    assert FOUND.to_arrow().column("value").null_count == 1
    assert pl.DataFrame(FOUND).height == 2
    assert FOUND.to_dicts()[0]["place"] == "a"


def test_a_result_is_shown_as_text_page_and_picture() -> None:
    assert "tau2 3" in repr(FOUND)
    assert "Few answers." in repr(FOUND)
    page = FOUND._repr_html_()
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    drawn = FOUND.plot().to_dict()
    assert [layer["mark"]["type"] for layer in drawn["layer"]] == ["rule", "point"]


def test_importing_the_library_loads_neither_django_nor_anything_heavy() -> None:
    told = (
        "import sys, luotain; dir(luotain);"
        "print(sorted({'django', 'numpy', 'pandas', 'ibis', 'altair', 'scipy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "[]\n"
