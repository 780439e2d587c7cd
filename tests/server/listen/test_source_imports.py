"""Exports of other tools in the database: interrupted, gone on with, mended and taken out, each like a table."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyreadstat
import pytest

from luotain.listen.importers.look import propose_for
from luotain.listen.importers.mapping import read_mapping
from luotain.server.models.listen import Fact, Feedback, Import
from luotain.server.operations.listen import import_file, imports, rejected_rows, undo_import

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
COUNT = 7

pytestmark = pytest.mark.django_db(transaction=True)


def delighted(folder: Path, worst: str = "11") -> Path:
    rows = [f"{n},nps,{worst if n == 3 else n},Kiitos,2026-05-01T10:00:00Z" for n in range(COUNT)]
    (folder / "delighted.csv").write_text("\n".join(["Response ID,Survey Type,Score,Comment,Response Date", *rows]))
    return folder / "delighted.csv"


def qualtrics(folder: Path, worst: str = "11") -> Path:
    ids = ["recordedDate", "_recordId", "QID1", "QID1_NPS_GROUP"]
    with (folder / "qualtrics.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([ids, ids, [json.dumps({"ImportId": one}) for one in ids]])
        writer.writerows([["2026-05-01", f"R{n}", worst if n == 3 else n, ""] for n in range(COUNT)])
    return folder / "qualtrics.csv"


def trustpilot(folder: Path, worst: str = "11") -> Path:
    told = [
        {
            "id": str(n),
            "stars": int(worst) if n == 3 else n % 5 + 1,
            "consumer": {},
            "createdAt": "2026-05-01T10:00:00Z",
        }
        for n in range(COUNT)
    ]
    (folder / "trustpilot.json").write_text("\n".join(map(json.dumps, told)))
    return folder / "trustpilot.json"


def spss(folder: Path, worst: str = "11") -> Path:
    import pandas

    frame = pandas.DataFrame(
        {
            "id": [f"a{n}" for n in range(COUNT)],
            "day": pandas.to_datetime(["2026-05-01"] * COUNT),
            "q": [float(worst) if n == 3 else n % 5 + 1.0 for n in range(COUNT)],
        }
    )
    labels = {"q": {1: "bad", 5: "good"}}
    pyreadstat.write_sav(frame, folder / "w.sav", variable_value_labels=labels, variable_measure={"q": "ordinal"})
    return folder / "w.sav"


MAKERS = [delighted, qualtrics, trustpilot, spss]


def mapping_of(path: Path) -> str:
    return propose_for(path).proposal.toml.replace('measure = "?"', 'measure = "grade"')


@pytest.mark.parametrize("make", MAKERS)
def test_an_interrupted_import_goes_on_where_it_stood(
    make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "_BATCH", 2)
    path = make(tmp_path)
    mapping = read_mapping(mapping_of(path))

    def stop(done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(path, mapping=mapping, now=NOW, progress=stop)
    assert Import.objects.get().read == 4
    ledger = import_file(path, mapping=mapping, now=NOW)
    assert (ledger.read, ledger.accepted, ledger.duplicate, ledger.rejected) == (COUNT, COUNT - 1, 0, 1)
    assert (Import.objects.count(), Feedback.objects.count()) == (1, COUNT - 1)


@pytest.mark.parametrize("make", MAKERS)
def test_a_rejected_record_is_mended_in_its_table_and_comes_in_by_the_same_mapping(
    make: Callable[..., Path], tmp_path: Path
) -> None:
    path = make(tmp_path)
    mapping = read_mapping(mapping_of(path))
    ledger = import_file(path, mapping=mapping, now=NOW)
    assert ledger.rejected == 1
    with (tmp_path / "mended.csv").open("w", encoding="utf-8-sig", newline="") as file:
        told = [
            ["3" if cell in ("11", "11.0") else cell for cell in cells] for cells in rejected_rows(Import.objects.get())
        ]
        csv.writer(file).writerows(told)
    mended = import_file(tmp_path / "mended.csv", mapping=mapping, now=NOW)
    assert (mended.read, mended.accepted) == (1, 1)
    assert Feedback.objects.count() == COUNT


@pytest.mark.parametrize("make", MAKERS)
def test_an_import_is_taken_out_whole(make: Callable[..., Path], tmp_path: Path) -> None:
    path = make(tmp_path)
    import_file(path, mapping=read_mapping(mapping_of(path)), now=NOW)
    undone = undo_import(imported=Import.objects.get(), now=NOW)
    assert (undone.removed, Feedback.objects.count()) == (COUNT - 1, 0)
    assert sum(Fact.objects.values_list("sign", flat=True)) == 0
