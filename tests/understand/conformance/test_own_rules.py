"""Measures that a company declares by a rule make the same numbers on the engines as in plain Python."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from tests.understand.conformance.check import OWN, check
from tests.understand.conformance.engines import ENGINES, Absent


@pytest.mark.parametrize("measure", OWN)
@pytest.mark.parametrize("engine", ["DuckDB", "SQLite"])
def test_a_declared_rule_agrees_with_its_oracle(engine: str, measure: str) -> None:
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(ENGINES[engine]())
        except Absent as absent:
            pytest.skip(str(absent))
        assert check(engine, opened, measure).cases > 0
