"""Scores in memory are summed up as the engine sums them up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest

from luotain.understand.kinds import measure_named
from luotain.understand.store import engine, statements
from luotain.understand.store.columns import KEPT
from luotain.understand.store.scores import (
    Among,
    Between,
    Condition,
    Scores,
    by_measure,
    meeting,
    no_words,
    scores_of,
    summed,
)

_COLUMNS = ("scale", "month", "day", "touchpoint", "language")
_CONDITIONS: tuple[Sequence[Condition], ...] = (
    (),
    (Among("month", (202601, 202603)), Between("day", low=3)),
    (Between("day", 2, 7), Among("touchpoint", (1, None))),
    (Among("language", ("fi",)), Among("touchpoint", (2, 3))),
    (Between("day", high=4), Among("touchpoint", (None,))),
    (Among("touchpoint", ()),),
)


def _rows(count: int, seed: int) -> pa.Table:
    rng = random.Random(seed)
    rows = [
        {
            "measure": rng.choice(("nps", "csat")),
            "scale": rng.choice(("nps_0_10", "other", None)),
            "month": rng.choice((202601, 202602, 202603)),
            "day": rng.randrange(10),
            "touchpoint": rng.choice((1, 2, 3, None)),
            "language": rng.choice(("fi", "sv")),
            "value": float(rng.randrange(11)),
            "n": rng.choice((1, 1, 5, -1)),
        }
        for _ in range(count)
    ]
    kinds = {**KEPT, "value": pa.float64(), "n": pa.int64()}
    return pa.Table.from_pylist(rows, pa.schema([(name, kinds[name]) for name in ("measure", *_COLUMNS, "value", "n")]))


def _in_memory(parts: list[Scores], conditions: Sequence[Condition], by: list[str]) -> dict[Any, Any]:
    found = summed(parts, conditions, by, statements.weigh(measure_named("nps")))
    return _told(found.to_pylist(), by)


def _by_the_engine(rows: pa.Table, conditions: Sequence[Condition], by: list[str]) -> dict[Any, Any]:
    table = ibis.table(ibis.Schema.from_pyarrow(rows.schema), name="scores")
    statement = engine.written(measure_named("nps").sums(meeting(table, conditions), by))
    with duckdb.connect() as db:
        db.register("scores", rows)
        return _told(db.execute(statement).to_arrow_table().to_pylist(), by)


def _told(rows: list[dict[str, Any]], by: list[str]) -> dict[Any, Any]:
    """Return the sums of each cell; where answers have all been taken back, a cell may be there or not."""
    told = {tuple(row[name] for name in by): {k: v for k, v in row.items() if k not in by} for row in rows}
    return {cell: sums for cell, sums in told.items() if any(sums.values())}


@pytest.mark.parametrize("conditions", _CONDITIONS, ids=str)
@pytest.mark.parametrize("by", [["scale"], ["scale", "touchpoint", "month"], ["day", "language"]], ids=str)
def test_sums_in_memory_are_those_of_the_engine(conditions: Sequence[Condition], by: list[str]) -> None:
    rows = _rows(400, seed=len(by))
    found = _in_memory([scores_of(no_words(), rows, _COLUMNS)], conditions, by)
    assert found == _by_the_engine(rows, conditions, by)
    assert bool(found) == any(all(each.holds([row[each.column]])[0] for each in conditions) for row in rows.to_pylist())


def test_scores_that_come_in_parts_are_summed_up_as_one() -> None:
    words, first, second = no_words(), _rows(50, seed=1), _rows(60, seed=2)
    parts = [scores_of(words, rows, _COLUMNS) for rows in (first, second, first.slice(0, 0))]
    by = ["scale", "touchpoint"]
    assert _in_memory(parts, (), by) == _by_the_engine(pa.concat_tables([first, second]), (), by)


def test_what_is_taken_back_leaves_nothing() -> None:
    rows = _rows(1, seed=3)
    back = rows.set_column(rows.column_names.index("n"), "n", [pa.array([-n for n in rows["n"].to_pylist()])])
    words = no_words()
    assert not _in_memory([scores_of(words, each, _COLUMNS) for each in (rows, back)], (), ["scale"])


def test_the_scores_of_several_measures_come_apart() -> None:
    rows = _rows(80, seed=4)
    found = by_measure(no_words(), rows, _COLUMNS)
    assert sorted(found) == ["csat", "nps"]
    for name, scores in found.items():
        own = rows.filter(pa.compute.equal(rows["measure"], name))
        assert _in_memory([scores], (), ["scale", "day"]) == _by_the_engine(own, (), ["scale", "day"])


def test_no_scores_still_have_the_columns_of_their_sums() -> None:
    found = summed(
        [scores_of(no_words(), _rows(0, seed=5), _COLUMNS)], (), ["scale"], statements.weigh(measure_named("nps"))
    )
    assert (found.num_rows, found.column_names) == (0, ["scale", "n", "bottom", "top"])


def test_scores_of_another_version_are_asked_again_and_those_of_none_always() -> None:
    files, asked = engine.Files(), []

    def ask() -> Scores:
        asked.append(1)
        return scores_of(files.words, _rows(3, seed=6), _COLUMNS)

    for version, times in ((1, 1), (1, 1), (2, 2), (None, 3), (None, 4)):
        engine.until_changed(files, "nps", version, ask)
        assert len(asked) == times
