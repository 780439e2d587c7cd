"""The benchmark of error rates, in small: the promise of 5 % is kept where a control shares the drift."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks import effect


def test_the_error_rates_agree_with_another_implementation(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert effect.main(["--runs", "250", "--reference", str(shared / "reference")]) == 0
    assert "within the tolerance" in capsys.readouterr().out


def test_a_rate_far_from_the_reference_is_reported() -> None:
    truth = {("no drift", 0.0, effect.METHODS["did"]): 60.0}
    _lines, off = effect.report(40, truth)
    assert off == [line for line in off if line.startswith("no drift, did")]
    assert len(off) == 1
