"""Counts of visitors come in from a file, once, and never over what somebody counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from luotain.listen.importers.ledger import Ledger
from luotain.listen.importers.mapping import read_mapping
from luotain.listen.importers.problem import WrongMapping
from luotain.server.models.listen import Import, Touchpoint
from luotain.server.models.people import Member, Unit
from luotain.server.models.presence import VisitCount
from luotain.server.operations.listen import ensure_touchpoint, import_file, undo_import
from luotain.server.operations.people import add_member, ensure_organization, top_unit
from luotain.server.operations.understand.places import count_visit

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
MAPPING = """
kind = "visits"
source = "counters"
occurred_at = { column = "day", formats = ["%d.%m.%Y"] }
hour = "hour"
touchpoint = { column = "place", create = true }
visitors = "n"
[behaviours]
queued = "queue"
"""
HEADER = "place;day;hour;n;queue"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def organization() -> None:
    """The organization in whose zone days are told."""
    ensure_organization(now=NOW)


def bring(
    folder: Path,
    *rows: str,
    mapping: str = MAPPING,
    header: str = HEADER,
    by: Member | None = None,
    trial: bool = False,
) -> Ledger:
    path = folder / "visits.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    ledger = import_file(path, mapping=read_mapping(mapping), now=NOW, by=by, dry_run=trial)
    assert ledger.balances
    return ledger


def counts() -> list[tuple[str, date, int | None, int, dict[str, int]]]:
    rows = VisitCount.objects.order_by("touchpoint__code", "day", "hour")
    return list(rows.values_list("touchpoint__code", "day", "hour", "visitors", "behaviours"))


def member(unit: Unit) -> Member:
    return add_member(
        username="liisa", name="Liisa", password="a long password 1", role="analyst", unit=unit, language="en", now=NOW
    )


def test_counts_stand_at_their_place_day_and_hour(tmp_path: Path) -> None:
    ledger = bring(tmp_path, "Lounge;5.1.2026;14:00;86;21", "Lounge;5.1.2026;15–16;64;0", "Lounge;6.1.2026;;512;")
    assert (ledger.accepted, ledger.rejected) == (3, 0)
    assert counts() == [
        ("lounge", date(2026, 1, 5), 14, 86, {"queued": 21}),
        ("lounge", date(2026, 1, 5), 15, 64, {}),
        ("lounge", date(2026, 1, 6), None, 512, {}),
    ]
    assert Touchpoint.objects.get(code="lounge").kind == "place"


def test_the_same_file_again_adds_nothing_and_a_later_count_corrects_the_earlier(tmp_path: Path) -> None:
    row = "Lounge;5.1.2026;14;86;21"
    bring(tmp_path, row)
    again = bring(tmp_path, row)
    assert (again.accepted, again.duplicate) == (0, 1)
    corrected = bring(tmp_path, "Lounge;5.1.2026;14;90;21")
    assert (corrected.accepted, corrected.duplicate) == (1, 0)
    assert [row[3] for row in counts()] == [90]


def test_a_counter_that_writes_day_and_hour_into_one_column_is_read(tmp_path: Path) -> None:
    mapping = (
        'kind = "visits"\noccurred_at = "at"\nhour = "at"\nvisitors = "n"\n'
        'touchpoint = { value = "door", create = true }\n'
    )
    bring(tmp_path, "2026-01-05 23:00;7", "2026-01-06 00:00;3", header="at;n", mapping=mapping)
    assert [row[1:4] for row in counts()] == [(date(2026, 1, 5), 23, 7), (date(2026, 1, 6), 0, 3)]


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        ("Lounge;5.1.2026;24;8;", "hour", "from 0 to 23"),
        ("Lounge;5.1.2026;14:30;8;", "hour", "from 0 to 23"),
        ("Lounge;5.1.2026;14;8,5;", "n", "whole number"),
        ("Lounge;5.1.2026;14;-8;", "n", "whole number"),
        ("Lounge;5.1.2026;14;9999999999;", "n", "whole number"),
        ("Lounge;5.1.2026;14;;", "n", "whole number"),
        ("Lounge;5.1.2026;14;8;9", "queued", "more people"),
        ("Lounge;5.6.2026;14;8;", "occurred_at", "future"),
        (";5.1.2026;14;8;", "touchpoint", "name it"),
        ("Desk;5.1.2026;14;8;", "touchpoint", "change the kind"),
    ],
)
def test_what_cannot_be_a_count_is_refused_with_its_reason(tmp_path: Path, row: str, field: str, says: str) -> None:
    ensure_touchpoint("desk", now=NOW)
    ledger = bring(tmp_path, row, "Lounge;1.1.2026;1;1;")
    assert [told.field for told in ledger.rejections] == [field]
    assert says in str(ledger.rejections[0].reason)
    assert len(counts()) == 1


def test_two_counts_of_one_time_in_a_file_are_refused_however_often_it_comes(tmp_path: Path) -> None:
    rows = ("Lounge;5.1.2026;14;86;", "Lounge;5.1.2026;14;12;", "Lounge;5.1.2026;14;86;")
    for accepted in (1, 0):
        ledger = bring(tmp_path, *rows)
        assert (ledger.accepted, ledger.duplicate, ledger.rejected) == (accepted, 2 - accepted, 1)
    assert [row[3] for row in counts()] == [86]


def test_what_was_counted_by_hand_stands(tmp_path: Path) -> None:
    lounge, by = ensure_touchpoint("lounge", kind="place", now=NOW), member(top_unit())
    count_visit(touchpoint=lounge, day=date(2026, 1, 5), hour=14, visitors=70, behaviours={"queued": 7}, by=by, now=NOW)
    ledger = bring(tmp_path, "Lounge;5.1.2026;14;86;", "Lounge;5.1.2026;15;1;")
    assert [str(told.reason)[:8] for told in ledger.rejections] == ["somebody"]
    bring(tmp_path, "Lounge;5.1.2026;16;1;")
    count_visit(touchpoint=lounge, day=date(2026, 1, 5), hour=16, visitors=2, behaviours={}, by=by, now=NOW)
    for imported in Import.objects.all():
        undo_import(imported=imported, now=NOW)
    assert [row[2:4] for row in counts()] == [(14, 70), (16, 2)]


def test_an_import_of_counts_can_be_taken_out_and_a_trial_leaves_nothing(tmp_path: Path) -> None:
    trial = bring(tmp_path, "Lounge;5.1.2026;14;86;", trial=True)
    assert (trial.accepted, counts(), Touchpoint.objects.count()) == (1, [], 0)
    bring(tmp_path, "Lounge;5.1.2026;14;86;")
    assert undo_import(imported=Import.objects.get(), now=NOW).removed == 1
    assert counts() == []


def test_who_reaches_a_part_counts_at_its_own_places_only(tmp_path: Path) -> None:
    shops = {code: Unit.add(parent=top_unit(), code=code, name=code, kind="store") for code in ("north", "south")}
    for code, shop in shops.items():
        ensure_touchpoint(code, kind="place", unit=shop, now=NOW)
    ensure_touchpoint("square", kind="place", now=NOW)
    rows = [f"{place};5.1.2026;14;8;" for place in ("north", "south", "square", "new")]
    ledger = bring(tmp_path, *rows, by=member(shops["north"]))
    assert [told.record for told in ledger.rejections] == [2, 3, 4]
    assert [row[0] for row in counts()] == ["north"]
    assert not Touchpoint.objects.filter(code="new").exists()


def test_a_behaviour_that_nobody_counts_is_refused_in_the_mapping() -> None:
    with pytest.raises(WrongMapping, match="behaviours"):
        read_mapping(MAPPING.replace("queued", "danced"))
