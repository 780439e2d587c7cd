"""Every measure gives the same numbers on every engine: those of a plain-Python oracle.

Counts to the last digit, floats to 1e-9. ``tools/conformance.py`` writes docs/reference/conformance.md of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import leave_out
from tests.understand.conformance import check as conformance
from tests.understand.conformance.check import Different, check, measures
from tests.understand.conformance.engines import ENGINES, SLOW, Absent, DuckDB, Engine
from tests.understand.conformance.oracle import Row

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "conformance.md"
_MARKS = {"PostgreSQL": [pytest.mark.postgres], **{name: [pytest.mark.slow] for name in SLOW}}


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[[str], Engine]]:
    """Opens an engine when it is first asked for, and keeps it for all measures."""
    held: dict[str, Engine] = {}
    with ExitStack() as stack:

        def open_(name: str) -> Engine:
            if name not in held:
                try:
                    held[name] = stack.enter_context(ENGINES[name]())
                except Absent as absent:
                    leave_out(str(absent))
            return held[name]

        yield open_


@pytest.mark.parametrize("measure", measures())
@pytest.mark.parametrize("engine", [pytest.param(name, marks=_MARKS.get(name, [])) for name in ENGINES])
def test_an_engine_gives_the_numbers_of_the_oracle(opened: Callable[[str], Engine], engine: str, measure: str) -> None:
    outcome = check(engine, opened(engine), measure)
    assert outcome.cases >= 24
    assert outcome.furthest <= conformance.ALLOWED


class Deceiver(DuckDB):
    """DuckDB, but what comes back is not quite what it found."""

    version = "of lies"

    def __init__(self, lie: Callable[[list[Row]], list[Row]]) -> None:
        super().__init__()
        self.lie = lie
        self.version = "of lies"

    def run(self, expression: Any) -> list[Row]:
        found = super().run(expression)
        return self.lie(found) if len(found) > 3 else found


LIES: dict[str, tuple[Callable[[list[Row]], list[Row]], str]] = {
    "one count is one off": (lambda found: [*found[:-1], found[-1] | {"n": found[-1]["n"] + 1}], "n of the cell"),
    "a mean is off in the eighth digit": (
        lambda found: [*found[:-1], found[-1] | {"total": found[-1]["total"] * (1 + 2e-9) + 2e-9}],
        "total of the cell",
    ),
    "a cell is missing": (lambda found: found[1:], "is missing"),
    "a cell came twice": (lambda found: [*found, found[0]], "more than once"),
    "a cell is of something else": (
        lambda found: [found[0] | {"scale": "of another"}, *found[1:]],
        "'of another'.* should not be",
    ),
    "a count is not there": (lambda found: [found[0] | {"n": None}, *found[1:]], "n of the cell .* is None"),
    "a count is not a number": (lambda found: [found[0] | {"n": float("nan")}, *found[1:]], "is nan"),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_engine_that_returns_a_different_number_is_found_out(lie: str) -> None:
    change, told = LIES[lie]
    with pytest.raises(Different, match=rf"(?s)Acme of lies differs in ces of the set 'many' by scale.*{told}"):
        check("Acme", Deceiver(change), "ces")


def test_a_measure_that_is_added_is_run_and_asks_for_its_oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance, "names", lambda group: ["loyalty", "nps"])
    assert measures()[:2] == ["loyalty", "nps"]
    with pytest.raises(LookupError, match=r"'loyalty' .* in ORACLES of tests/understand/conformance/oracle\.py"):
        check("DuckDB", DuckDB(), "loyalty")


def test_the_page_tells_of_every_measure_on_every_engine() -> None:
    page = PAGE.read_text(encoding="utf-8")
    left_out = [name for name in (*measures(), *ENGINES) if name not in page]
    assert left_out == [], "the page is out of date: run `make conformance`"
