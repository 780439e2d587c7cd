"""Who reaches a part of the organization brings in records of that part, and of no other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from luotain.listen.importers.mapping import read_mapping
from luotain.listen.importers.problem import CannotImport
from luotain.server.models.listen import Feedback, Touchpoint
from luotain.server.models.people import Member, Unit
from luotain.server.operations.listen import ensure_touchpoint, import_file
from luotain.server.operations.people import add_member, ensure_organization, top_unit

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
ROWS = "id;day;score;shop\n1;13.5.2026;9;north\n2;13.5.2026;9;south\n3;13.5.2026;9;\n4;13.5.2026;9;new\n"
MAPPING = """
source = "test"
id = "id"
occurred_at = { column = "day", formats = ["%d.%m.%Y"] }
unit = { column = "shop", create = true }
[[answers]]
column = "score"
measure = "nps"
scale = "nps_0_10"
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst() -> Member:
    """An analyst of the northern shop."""
    ensure_organization(now=NOW)
    shops = {code: Unit.add(parent=top_unit(), code=code, name=code, kind="store") for code in ("north", "south")}
    return add_member(
        username="liisa", name="Liisa", password="a long password 1", role="analyst", unit=shops["north"],
        language="en", now=NOW,
    )  # fmt: skip


def bring(folder: Path, by: Member | None, rows: str = ROWS, mapping: str = MAPPING) -> list[tuple[int, str]]:
    (folder / "rows.csv").write_text(rows, encoding="utf-8")
    ledger = import_file(folder / "rows.csv", mapping=read_mapping(mapping), now=NOW, by=by)
    assert ledger.balances
    return [(refusal.record, refusal.value) for refusal in ledger.rejections]


def test_records_of_other_units_are_refused_and_those_without_one_become_their_own(
    tmp_path: Path, analyst: Member
) -> None:
    assert bring(tmp_path, analyst) == [(2, "south"), (4, "new")]
    told = dict(Feedback.objects.values_list("source_id", "unit__code"))
    assert told == {"1": "north", "3": "north"}
    assert not Unit.objects.filter(code="new").exists()


def test_who_reaches_all_brings_in_for_every_unit(tmp_path: Path, analyst: Member) -> None:
    assert bring(tmp_path, None) == []
    assert Unit.objects.filter(code="new").exists()


def test_a_touchpoint_of_another_unit_is_out_of_reach(tmp_path: Path, analyst: Member) -> None:
    ensure_touchpoint("south-desk", now=NOW)
    Touchpoint.objects.filter(code="south-desk").update(unit=Unit.objects.get(code="south"))
    mapping = MAPPING.replace('unit = { column = "shop", create = true }', 'touchpoint = "south-desk"')
    assert bring(tmp_path, analyst, ROWS.splitlines()[0] + "\n1;13.5.2026;9;\n", mapping) == [(1, "south-desk")]
    assert Feedback.objects.count() == 0


def test_what_concerns_the_whole_organization_is_refused_before_anything_is_read(
    tmp_path: Path, analyst: Member
) -> None:
    mapping = """
kind = "disruptions"
occurred_at = "day"
cause = "score"
within_control = "shop"
"""
    with pytest.raises(CannotImport, match="concern the whole organization"):
        bring(tmp_path, analyst, mapping=mapping)
