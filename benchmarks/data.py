"""Made-up feedback, the same on every engine: 36 months, 30 touchpoints, 5 channels, 40 units, 2,000,000 customers.

One arithmetic in plain SQL makes every column from the number of the feedback, so DuckDB (for segments), SQLite and
PostgreSQL (for the operational tables) hold the same facts to the last one, and nothing is drawn that another machine
would draw otherwise. Each feedback carries an NPS answer; one in five a CES, one in five a CSAT, one in ten a feeling
(and half of those a second one): three facts for two feedbacks.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

FIRST_YEAR: Final = 2023
MONTHS: Final = 36
TOUCHPOINTS: Final = 30
CHANNELS: Final = 5
UNITS: Final = 40
TIERS: Final = 4
CUSTOMERS: Final = 2_000_000
SETS: Final = 66
#: the moment at which everything has been told, and pages look back
NOW: Final = datetime(2025, 12, 31, 12, tzinfo=UTC)
#: facts of one feedback have ids side by side
_IDS: Final = 8
#: the largest prime below 2³¹: a product of two remainders fits in 64 bits on every engine
_PRIME: Final = 2_147_483_647
#: one pair of factors for each number that is drawn
_FACTORS: Final = (
    (48_271, 11), (69_621, 1_000_003), (1_226_874_159, 77), (950_706_376, 5), (742_938_285, 2_011), (39_373, 99_991),
)  # fmt: skip
_EPOCH: Final = date(1970, 1, 1).toordinal()
FEELINGS: Final = ("joy", "trust", "relief", "disappointment", "anger", "confusion")

#: whose voice a feedback is, in SQL
CUSTOMERS_ALONE: Final = "'customer'"
ONE_IN_TEN_EMPLOYEES: Final = "CASE feedback % 10 WHEN 0 THEN 'employee' ELSE 'customer' END"


@dataclass(frozen=True)
class Month:
    """A month, and the numbers of the feedbacks that came in it: from ``first`` up to, not including, ``end``."""

    number: int
    first_day: int
    days: int
    first: int
    end: int


@dataclass(frozen=True)
class Dialect:
    """What the three engines write differently."""

    #: a table ``t`` with the numbers ``i`` from {first} up to, not including, {end}
    numbers: str
    #: integer division
    divide: str = "/"
    #: a day since 1970-01-01, at ten o'clock, as the column of times holds it
    at_ten: str = ""
    #: JSON text as the column of attributes holds it
    json: str = "{}"
    no: str = "false"


DUCKDB: Final = Dialect("(SELECT i FROM range({first}, {end}) r(i)) t", divide="//")
SQLITE: Final = Dialect(
    "(WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {end}) SELECT i FROM n) t",
    at_ten="datetime({day} * 86400 + 36000, 'unixepoch')",
    no="0",
)
POSTGRESQL: Final = Dialect(
    "(SELECT i FROM generate_series({first}::bigint, {end}::bigint - 1) i) t",
    at_ten="to_timestamp({day}::bigint * 86400 + 36000)",
    json="({})::jsonb",
)


def months(feedbacks: int) -> list[Month]:
    """Return the months with as many feedbacks each, as far as they divide."""
    found = []
    for at in range(MONTHS):
        year, month = FIRST_YEAR + at // 12, at % 12 + 1
        first, end = (feedbacks * each // MONTHS + 1 for each in (at, at + 1))
        day = date(year, month, 1).toordinal() - _EPOCH
        found.append(Month(year * 100 + month, day, calendar.monthrange(year, month)[1], first, end))
    return found


def _drawn(at: int) -> str:
    """Return the ``at``-th number drawn for feedback ``i``: from 0 to 2³¹ − 2, and even over it."""
    factor, more = _FACTORS[at]
    mixed = f"((i * {factor} + {more}) % {_PRIME})"
    return f"(({mixed} * (({mixed} + {factor}) % {_PRIME})) % {_PRIME})"


def feedbacks_of(month: Month, dialect: Dialect) -> str:
    """Return a query for what a month's feedbacks carry: one row each, with three numbers still to be used."""
    where, who, when, segment, first, second = (_drawn(at) for at in range(len(_FACTORS)))
    div = dialect.divide
    return (
        f"SELECT i AS feedback, {who} % {CUSTOMERS} + 1 AS customer, {month.first_day} + {when} % {month.days} AS day,"
        f" {month.number} AS month, {when} {div} 31 % {TOUCHPOINTS} + 1 AS touchpoint,"
        f" {where} % {CHANNELS} + 1 AS channel, {where} {div} 5 % {UNITS} + 1 AS unit,"
        f" {where} {div} 200 % {TIERS} + 1 AS tier,"
        f" CASE {where} {div} 800 % 3 WHEN 0 THEN 'fi' WHEN 1 THEN 'sv' ELSE 'en' END AS language,"
        f" '{{\"segment\": \"s' || ({segment} % {SETS}) || '\"}}' AS attributes,"
        f" {first} % 100 AS a, {second} % 70 AS b, {second} {div} 70 % 7 AS c"
        f" FROM {dialect.numbers.format(first=month.first, end=month.end)}"
    )


#: place among a feedback's facts -> (measure, scale, label, value, category, which feedbacks carry it)
_NPS: Final = "CASE WHEN a + touchpoint % 7 < 18 THEN c WHEN a < 52 THEN 7 + a % 2 ELSE 9 + a % 2 END"
_FACTS: Final = (
    ("nps", "nps_0_10", "''", _NPS, ("detractor", 6, "passive", 9, "promoter"), "true"),
    ("ces", "ces_1_7", "''", "1 + (a + c) % 7", ("poor", 3, "middle", 5, "good"), "b < 14"),
    ("csat", "csat_1_5", "''", "1 + (a + b) % 5", ("poor", 2, "middle", 4, "good"), "b >= 14 AND b < 28"),
    ("emotion", "emotion_1_5", "first", "1 + a % 5", None, "b >= 28 AND b < 35"),
    ("emotion", "emotion_1_5", "second", "1 + c % 5", None, "b >= 28 AND b < 35 AND a % 2 = 0"),
)


def facts_of(month: Month, dialect: Dialect, population: str = CUSTOMERS_ALONE) -> str:
    """Return a query for a month's facts, in the columns of a fact as the copy calls them."""
    parts = " UNION ALL ".join(_fact(population, at, *each) for at, each in enumerate(_FACTS))
    # once for all five kinds: otherwise each would draw the numbers anew
    return f"WITH f AS MATERIALIZED ({feedbacks_of(month, dialect)}) {parts}"


def _fact(
    population: str,
    at: int,
    measure: str,
    scale: str,
    label: str,
    value: str,
    category: tuple[Any, ...] | None,
    carried: str,
) -> str:
    word = "''"
    if category:
        low, low_to, middle, high_from, high = category
        word = (
            f"CASE WHEN {value} <= {low_to} THEN '{low}' WHEN {value} < {high_from} THEN '{middle}' ELSE '{high}' END"
        )
    if label in ("first", "second"):
        cases = " ".join(f"WHEN {i} THEN '{feeling}'" for i, feeling in enumerate(FEELINGS))
        label = f"CASE ({'a' if label == 'first' else 'a + 1 + c % 5'}) % {len(FEELINGS)} {cases} END"
    condition = "" if carried == "true" else f" WHERE {carried}"
    return (
        f"SELECT feedback * {_IDS} + {at} AS id, feedback, customer, {population} AS population,"
        f" '{measure}' AS measure, {label} AS label, '{scale}' AS scale, {value} AS value, {word} AS category, day,"
        f" month, touchpoint, channel, unit, tier, language, attributes FROM f{condition}"
    )


def last_id(feedback: int) -> int:
    """Return the greatest id that a fact of this feedback can have."""
    return feedback * _IDS + _IDS - 1


def segments(feedbacks: int, url: str, folder: Path, population: str = CUSTOMERS_ALONE) -> list[Any]:
    """Write the facts of so many feedbacks into segments of the database at ``url``, and return these.

    ``population`` is the expression in SQL that tells whose voice a feedback is.
    Sorted, counted and described as a fold does it, with the store's own functions; only the way through the rows of
    the database is left out, and the memory is not held down.
    """
    import duckdb

    from luotain.understand.store.databases import reader_of

    folder.mkdir(parents=True, exist_ok=True)
    identity = reader_of(url).identity()
    with duckdb.connect(config={"memory_limit": "4GB"}) as db:
        written = [
            _segment(db, month, f"{identity}-{month.number}-made-up", folder, population) for month in months(feedbacks)
        ]
    print(
        f"{feedbacks:,} feedbacks, {sum(each.rows for each in written):,} facts in {len(written)} segments", flush=True
    )
    return written


def _segment(db: Any, month: Month, name: str, folder: Path, population: str) -> Any:
    from luotain.understand.store import counts
    from luotain.understand.store.columns import KEPT
    from luotain.understand.store.counts import quoted
    from luotain.understand.store.fold import contents, hash_of
    from luotain.understand.store.manifest import Segment, counts_file, facts_file

    types = {"int64": "BIGINT", "int32": "INTEGER", "double": "DOUBLE", "string": "VARCHAR", "bool": "BOOLEAN"}
    more = {"programme": "NULL", "flagged": "false"}
    columns = ", ".join(f"{more.get(name, name)}::{types[str(kind)]} AS {name}" for name, kind in KEPT.items())
    facts, counted = facts_file(name, folder), counts_file(name, folder)
    db.execute(
        f"COPY (SELECT {columns} FROM ({facts_of(month, DUCKDB, population)}) ORDER BY measure, day, id)"
        f" TO {quoted(facts)} (FORMAT parquet, COMPRESSION zstd)"
    )
    told = contents(db, facts)
    for measure, made in counts.write(db, facts, list(told["measures"]), counted).items():
        told["measures"][measure].update(made)
    first_day, last_day, first, last = told["ends"]
    held = {"measures": told["measures"], "sums": told["sums"]}
    return Segment(
        name, month.number, told["rows"], first_day, last_day, first, last, facts.stat().st_size,
        counted.stat().st_size, hash_of(facts), hash_of(counted), held,
    )  # fmt: skip
