"""The notebook that ships runs from its first cell to its last, and shows what it has shown before."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[2] / "examples" / "notebooks" / "nps_of_markets.ipynb"


def texts(notebook: nbformat.NotebookNode) -> list[str]:
    """Return what the cells print and the figures they show, without pictures."""
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return [
        each.get("text") or each["data"]["text/plain"]
        for each in shown
        if each.get("name") != "stderr" and "image/svg+xml" not in each.get("data", {})
    ]


@pytest.mark.slow
def test_the_notebook_gives_what_it_shows(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUOTAIN_NOTEBOOK_DATA", str(shared / "data/real/nps_bank_multimarket/NPStimeseries.csv"))
    kept = nbformat.read(NOTEBOOK, as_version=4)
    again = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(again, timeout=120, kernel_name="python3").execute()
    assert texts(again) == texts(kept)
    assert len(texts(kept)) > 8


def test_the_notebook_holds_no_row_of_the_data() -> None:
    text = NOTEBOOK.read_text("utf-8")
    assert "customer_name" in text
    assert "survey_date</th>" not in text
    assert "://" not in text.replace("http://www.w3.org/", "")
