"""The three questions as others would answer them, over the same Parquet files that the store has written.

q1: promoters and detractors by touchpoint and month. q2: of each customer's newest answer. q3: of the 90 days up to
each day. Raw DuckDB SQL and Polars read the files each time; pandas and numpy have what they need in memory beforehand,
numpy packed into one small number for each answer: a floor that nothing on disk can reach.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.data import CUSTOMERS, FIRST_YEAR, MONTHS, TOUCHPOINTS, months
from benchmarks.frame import Run

SPAN = 90
SCORES = 11
_NPS = "measure = 'nps' AND population = 'customer' AND scale = 'nps_0_10'"
_COUNTS = "count(*) AS n, count(*) FILTER (value >= 9) AS top, count(*) FILTER (value <= 6) AS bottom"
_WINDOW = f"OVER (ORDER BY day RANGE BETWEEN {SPAN - 1} PRECEDING AND CURRENT ROW)"
#: the best that we could write by hand
SQL = {
    "q1": f"SELECT touchpoint, month, {_COUNTS} FROM {{facts}} WHERE {_NPS} GROUP BY ALL",
    "q2": f"SELECT {_COUNTS} FROM (SELECT arg_max(value, day::BIGINT * 8796093022208 + id) AS value FROM {{facts}}"
    f" WHERE {_NPS} GROUP BY customer)",
    "q3": f"SELECT day, sum(n) {_WINDOW} AS n, sum(top) {_WINDOW} AS top, sum(bottom) {_WINDOW} AS bottom"
    f" FROM (SELECT day, {_COUNTS} FROM {{facts}} WHERE {_NPS} GROUP BY day)",
}
#: by what is counted -> (answers, promoters, detractors)
Counts = dict[tuple[Any, ...], tuple[int, int, int]]


def raw_duckdb(question: str, folder: str) -> Run:
    """Raw SQL on the files, with DuckDB's own settings."""
    import duckdb

    db = duckdb.connect()
    db.execute("SET parquet_metadata_cache = true")
    sql = SQL[question].format(facts=f"read_parquet('{folder}/*.facts.parquet')")
    return Run(lambda: db.execute(sql).fetchall(), told=counts)


def counts(rows: list[tuple[Any, ...]]) -> Counts:
    """Return rows that end in answers, promoters and detractors by what stands before these."""
    return {tuple(map(int, row[:-3])): (int(row[-3]), int(row[-2]), int(row[-1])) for row in rows}


def polars(question: str, folder: str) -> Run:
    """Polars' streaming engine on the files."""
    import polars as pl

    value = pl.col("value")
    counted = (pl.len().alias("n"), (value >= 9).sum().alias("top"), (value <= 6).sum().alias("bottom"))

    def act() -> Any:
        facts = pl.scan_parquet(f"{folder}/*.facts.parquet").filter(
            (pl.col("measure") == "nps") & (pl.col("population") == "customer") & (pl.col("scale") == "nps_0_10")
        )
        if question == "q1":
            found = facts.group_by("touchpoint", "month").agg(*counted)
        elif question == "q2":
            order = pl.col("day").cast(pl.Int64) * 2**43 + pl.col("id")
            newest = facts.with_columns(order.alias("at")).group_by("customer").agg(value.get(pl.col("at").arg_max()))
            found = newest.select(*counted)
        else:
            daily = facts.group_by("day").agg(*counted).sort("day")
            found = daily.rolling("day", period=f"{SPAN}i").agg(pl.col("n", "top", "bottom").sum())
        return found.collect(engine="streaming")

    return Run(act, told=lambda found: counts(found.rows()))


def pandas(question: str, folder: str) -> Run:
    """Pandas over a frame that lies in memory, in the order of time, with what the question needs."""
    frame = _columns(folder).to_pandas()
    frame["month"] = frame["month"].astype("int32")

    def act() -> Any:
        rows = frame
        if question == "q2":
            rows = frame.drop_duplicates("customer", keep="last")
        marked = rows.assign(n=1, top=rows["value"] >= 9, bottom=rows["value"] <= 6)
        if question == "q2":
            return marked[["n", "top", "bottom"]].sum()
        by = ["touchpoint", "month"] if question == "q1" else ["day"]
        found = marked.groupby(by)[["n", "top", "bottom"]].sum()
        return found if question == "q1" else found.rolling(SPAN, min_periods=1).sum()

    def told(found: Any) -> Counts:
        if question == "q2":
            return counts([tuple(found)])
        return counts([(*(key if isinstance(key, tuple) else (key,)), *row) for key, *row in found.itertuples()])

    return Run(act, told=told)


def numpy(question: str, folder: str) -> Run:
    """Numpy over packed numbers in memory: a count of each packed number, and sums of the counts."""
    import numpy as np

    table = _columns(folder)
    first = months(1)[0].first_day
    value = table["value"].to_numpy().astype(np.uint8)
    packed = _packed(np, question, table, value, first)
    del table
    acts: dict[str, Callable[[], Any]] = {
        "q1": partial(_cells, np, packed, TOUCHPOINTS * MONTHS),
        "q2": partial(_newest, np, packed, value),
        "q3": partial(_rolling, np, packed),
    }
    return Run(acts[question], told=lambda found: _keyed(question, found, first))


def _packed(np: Any, question: str, table: Any, value: Any, first: int) -> Any:
    """Return one number for each answer: its cell and score, or its customer."""
    if question == "q2":
        return table["customer"].to_numpy().astype(np.uint32)
    if question == "q3":
        return ((table["day"].to_numpy() - first) * SCORES + value).astype(np.uint16)
    month = table["month"].to_numpy()
    month = (month // 100 - FIRST_YEAR) * 12 + month % 100 - 1
    return (((table["touchpoint"].to_numpy() - 1) * MONTHS + month) * SCORES + value).astype(np.uint16)


def _cells(np: Any, packed: Any, cells: int) -> Any:
    held = np.bincount(packed, minlength=cells * SCORES).reshape(-1, SCORES)
    return np.stack([held.sum(axis=1), held[:, 9:].sum(axis=1), held[:, :7].sum(axis=1)], axis=1)


def _newest(np: Any, customer: Any, value: Any) -> Any:
    last = np.full(CUSTOMERS + 1, SCORES, dtype=np.uint8)
    # in the order of time: the last of a customer's answers stays
    last[customer] = value
    held = np.bincount(last, minlength=SCORES + 1)[:SCORES].reshape(1, -1)
    return np.stack([held.sum(axis=1), held[:, 9:].sum(axis=1), held[:, :7].sum(axis=1)], axis=1)


def _rolling(np: Any, packed: Any) -> Any:
    held = _cells(np, packed, int(packed.max()) // SCORES + 1).cumsum(axis=0)
    held[SPAN:] -= held[:-SPAN].copy()
    return held


def _keyed(question: str, found: Any, first: int) -> Counts:
    if question == "q2":
        return counts([tuple(found[0])])
    keys = (
        [(at // MONTHS + 1, (FIRST_YEAR + at % MONTHS // 12) * 100 + at % 12 + 1) for at in range(len(found))]
        if question == "q1"
        else [(first + at,) for at in range(len(found))]
    )
    return counts([(*key, *row) for key, row in zip(keys, found, strict=True)])


def _columns(folder: str) -> Any:
    """Return what the questions need of the NPS facts, in the order of time."""
    import duckdb

    with duckdb.connect() as db:
        return db.sql(
            "SELECT customer, day, month, touchpoint, value::TINYINT AS value FROM"
            f" read_parquet('{Path(folder)}/*.facts.parquet') WHERE {_NPS} ORDER BY day, id"
        ).to_arrow_table()
