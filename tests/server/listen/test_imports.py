"""Files come in: ledgers, resuming, undoing, and the other kinds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from luotain.listen.importers.mapping import Mapping, read_mapping
from luotain.listen.importers.problem import CannotImport, Undecided
from luotain.server.models.listen import (
    Disruption,
    Fact,
    Feedback,
    Figure,
    Import,
    Interaction,
    Rejection,
    Touchpoint,
    Transaction,
)
from luotain.server.models.people import Attribute, Customer, Tier
from luotain.server.models.respond import Case
from luotain.server.operations.listen import import_file, imports, rejected_rows, undo_import
from luotain.server.operations.people.organization import ensure_organization
from luotain.server.operations.people.schema import missing_indexes

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
MAPPING = read_mapping(
    """
    source = "test"
    id = "id"
    occurred_at = { column = "day", formats = ["%d.%m.%Y"] }
    touchpoint = { value = "desk", create = true }
    verbatim = ["words"]
    [[answers]]
    column = "score"
    measure = "nps"
    scale = "nps_0_10"
    unknown = "reject"
    """
)

pytestmark = pytest.mark.django_db


def table(folder: Path, *rows: str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(["id;day;score;words", *rows]) + "\n", encoding="utf-8")
    return path


def test_the_ledger_names_each_rejected_record_and_the_rest_comes_in(tmp_path: Path) -> None:
    path = table(
        tmp_path, "1;1.5.2026;9;Kiitos", "2;1.5.2026;11;", "3;31.4.2026;5;", "4;1.5.2026;−1;", "5;1.5.2026;8,0;\x00x"
    )
    ledger = import_file(path, mapping=MAPPING, now=NOW)
    assert (ledger.read, ledger.accepted, ledger.rejected) == (5, 2, 3)
    assert [(r.record, r.field, r.value) for r in ledger.rejections] == [
        (2, "score", "11"),
        (3, "day", "31.4.2026"),
        (4, "score", "−1"),
    ]
    assert "nps_0_10 (0–10)" in ledger.rejections[0].reason
    row = Import.objects.get()
    assert (row.state, row.read, row.accepted, row.rejected) == ("done", 5, 2, 3)
    assert Rejection.objects.count() == 3


def test_a_dry_run_reckons_the_same_ledger_and_keeps_nothing(tmp_path: Path) -> None:
    path = table(tmp_path, "1;1.5.2026;9;", "1;1.5.2026;9;", "2;1.5.2026;12;")
    dry = import_file(path, mapping=MAPPING, now=NOW, dry_run=True)
    assert (Feedback.objects.count(), Import.objects.count(), Touchpoint.objects.count()) == (0, 0, 0)
    wet = import_file(path, mapping=MAPPING, now=NOW)
    told = dry.as_dict()
    assert told.pop("quality")["duplicates"] == round(1 / 3, 4)
    assert told == wet.as_dict()
    assert (wet.accepted, wet.duplicate, wet.rejected) == (1, 1, 1)


def test_an_import_that_was_killed_goes_on_where_it_stood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "_BATCH", 10)
    path = table(tmp_path, *(f"{n};1.5.2026;{n % 12};" for n in range(95)))

    def killed(done: int, total: int) -> None:
        if done >= 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(path, mapping=MAPPING, now=NOW, progress=killed)
    half = Import.objects.get()
    assert (half.state, half.read) == ("running", 40)
    ledger = import_file(path, mapping=MAPPING, now=NOW)
    whole = Import.objects.get()
    assert (whole.state, whole.read, whole.accepted, whole.rejected) == ("done", 95, 88, 7)
    assert (ledger.read, ledger.duplicate, Feedback.objects.count(), Fact.objects.count()) == (95, 0, 88, 88)
    assert len(ledger.rejections) == 7


def test_two_processes_with_the_same_file_do_not_both_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "_BATCH", 2)
    path = table(tmp_path, *(f"{n};1.5.2026;9;" for n in range(6)))

    def meddle(done: int, total: int) -> None:
        Import.objects.update(read=done + 1, accepted=done + 1)

    with pytest.raises(imports.TakenElsewhere, match="another process"):
        import_file(path, mapping=MAPPING, now=NOW, progress=meddle)
    assert Feedback.objects.count() == 2


def test_what_came_in_can_be_taken_out_and_come_in_again(tmp_path: Path) -> None:
    path = table(tmp_path, "1;1.5.2026;9;", "2;1.5.2026;2;")
    import_file(path, mapping=MAPPING, now=NOW)
    undone = undo_import(imported=Import.objects.get(), now=NOW)
    assert (undone.removed, undone.kept, Feedback.objects.count()) == (2, 0, 0)
    assert sum(Fact.objects.values_list("sign", flat=True)) == 0
    assert undo_import(imported=Import.objects.get(), now=NOW).removed == 0
    assert import_file(path, mapping=MAPPING, now=NOW).accepted == 2
    assert sum(Fact.objects.values_list("sign", flat=True)) == 2


def test_a_voice_that_became_a_case_stays_when_its_import_is_taken_out(tmp_path: Path) -> None:
    import_file(table(tmp_path, "1;1.5.2026;9;", "2;1.5.2026;2;"), mapping=MAPPING, now=NOW)
    Case.objects.create(feedback=Feedback.objects.get(source_id="2"), opened_at=NOW, touch_due_at=NOW, solve_due_at=NOW)
    undone = undo_import(imported=Import.objects.get(), now=NOW)
    assert (undone.removed, undone.kept) == (1, 1)
    assert Feedback.objects.get().source_id == "2"
    assert sum(Fact.objects.values_list("sign", flat=True)) == 1


def test_rejected_rows_come_back_as_a_harmless_table(tmp_path: Path) -> None:
    import_file(table(tmp_path, '1;1.5.2026;-3;=HYPERLINK("http://x")'), mapping=MAPPING, now=NOW)
    header, row = rejected_rows(Import.objects.get())
    assert header[:4] == ["id", "day", "score", "words"]
    assert row[:4] == ["1", "1.5.2026", "-3", '\'=HYPERLINK("http://x")']
    assert Rejection.objects.get().delete_after.date() == date(2026, 7, 1)
    Rejection.objects.update(field="=1+1")  # a column may be called anything
    assert list(rejected_rows(Import.objects.get()))[1][-2] == "'=1+1"


def test_a_code_that_recurs_off_its_scale_is_asked_about_before_anything_is_written(tmp_path: Path) -> None:
    ask = read_mapping(
        'source="t"\nid="id"\noccurred_at={column="day",formats=["%d.%m.%Y"]}\n'
        '[[answers]]\ncolumn="score"\nmeasure="nps"\nscale="nps_0_10"'
    )
    path = table(tmp_path, *(f"{n};1.5.2026;99;" for n in range(6)), "7;1.5.2026;9;")
    with pytest.raises(Undecided, match=r"What do '99' \(6×\) mean in 'score'"):
        import_file(path, mapping=ask, now=NOW)
    assert Import.objects.count() == 0


def test_a_text_of_five_megabytes_is_rejected_by_name_and_the_rest_comes_in(tmp_path: Path) -> None:
    path = table(tmp_path, "1;1.5.2026;9;" + "a" * 5_000_000, "2;1.5.2026;9;short")
    ledger = import_file(path, mapping=MAPPING, now=NOW)
    assert (ledger.accepted, ledger.rejected) == (1, 1)
    assert "at most 20,000" in ledger.rejections[0].reason


def test_a_header_without_records_is_no_import(tmp_path: Path) -> None:
    with pytest.raises(CannotImport, match="no records"):
        import_file(table(tmp_path), mapping=MAPPING, now=NOW)


def test_a_scale_that_is_known_otherwise_stops_the_import(tmp_path: Path) -> None:
    def own(high: int) -> Mapping:
        return read_mapping(
            'source="t"\nid="id"\noccurred_at={column="day",formats=["%d.%m.%Y"]}\n'
            f'[[answers]]\ncolumn="score"\nmeasure="own"\nscale={{code="own",low=1,high={high}}}'
        )

    path = table(tmp_path, "1;1.5.2026;5;")
    import_file(path, mapping=own(9), now=NOW)
    with pytest.raises(CannotImport, match="a code of its own"):
        import_file(path, mapping=own(10), now=NOW)
    assert Feedback.objects.count() == 1


@pytest.mark.parametrize("kind", ["customers", "interactions", "transactions", "figures", "disruptions", "visits"])
def test_every_kind_comes_in_once(kind: str) -> None:
    ensure_organization(now=NOW)
    mapping = read_mapping((EXAMPLES / "mappings" / f"{kind}.toml").read_text(encoding="utf-8"), kind=kind)
    path = EXAMPLES / "data" / f"{kind}.csv"
    first = import_file(path, mapping=mapping, now=NOW)
    again = import_file(path, mapping=mapping, now=NOW)
    assert (first.accepted, first.rejected) == (first.read, 0)
    assert (again.accepted, again.duplicate) == (0, first.read)


def test_what_other_systems_know_stands_in_the_right_rows() -> None:
    ensure_organization(now=NOW)
    for kind in ("customers", "interactions", "transactions", "figures", "disruptions"):
        mapping = read_mapping((EXAMPLES / "mappings" / f"{kind}.toml").read_text(encoding="utf-8"))
        import_file(EXAMPLES / "data" / f"{kind}.csv", mapping=mapping, now=NOW)
    assert Customer.objects.count() == 3
    gold = Customer.objects.get(tier__code="gold")
    assert (gold.name, gold.language) == ("Aino Virtanen", "fi")
    assert Tier.objects.count() == 2
    assert Attribute.objects.get(customer=gold).value == "HEL"
    assert Interaction.objects.get(customer=gold).occurred_at == datetime(2026, 1, 5, 5, 15, tzinfo=UTC)
    assert Transaction.objects.get(source_id="R-3").amount == Decimal("-95.50")
    assert Transaction.objects.get(source_id="R-2").amount == Decimal("1120.00")
    january = Figure.objects.get(unit__code="cabin-crew", name="revenue", period_start=date(2026, 1, 1))
    assert (january.period_end, january.value) == (date(2026, 1, 31), Decimal("1250000.0000"))
    assert [d.within_control for d in Disruption.objects.order_by("source_id")] == [False, True]


def test_other_kinds_can_be_taken_out_too_but_customers_cannot() -> None:
    ensure_organization(now=NOW)
    for kind in ("customers", "interactions"):
        mapping = read_mapping((EXAMPLES / "mappings" / f"{kind}.toml").read_text(encoding="utf-8"))
        import_file(EXAMPLES / "data" / f"{kind}.csv", mapping=mapping, now=NOW)
    assert undo_import(imported=Import.objects.get(kind="interactions"), now=NOW).removed == 3
    with pytest.raises(imports.CannotUndo, match="erase"):
        undo_import(imported=Import.objects.get(kind="customers"), now=NOW)


def test_identity_codes_of_refused_records_stand_nowhere(tmp_path: Path) -> None:
    import_file(table(tmp_path, "1;1.5.2026;131052-308T;called 131052-308T", "2;1.5.2026;9;"), mapping=MAPPING, now=NOW)
    refused = Rejection.objects.get()
    assert "131052" not in refused.value + refused.row + str(list(rejected_rows(Import.objects.get())))


def test_who_answered_too_fast_is_doubted_in_an_imported_file_too(tmp_path: Path) -> None:
    path = tmp_path / "timed.csv"
    rows = [f"{number};1.5.2026;9;;{60 if number <= 120 else 12}" for number in range(1, 124)]
    path.write_text("\n".join(["id;day;score;words;took", *rows, "124;1.5.2026;9;;"]) + "\n", encoding="utf-8")
    timed = read_mapping(
        'source = "timed"\nid = "id"\noccurred_at = { column = "day", formats = ["%d.%m.%Y"] }\n'
        'touchpoint = { value = "desk", create = true }\nverbatim = ["words"]\nduration = "took"\n'
        '[[answers]]\ncolumn = "score"\nmeasure = "nps"\nscale = "nps_0_10"\n'
    )
    assert import_file(path, mapping=timed, now=NOW).accepted == 124
    doubted = Feedback.objects.exclude(flags=[])
    assert sorted(doubted.values_list("source_id", flat=True)) == ["121", "122", "123"]
    assert {tuple(flags) for flags in doubted.values_list("flags", flat=True)} == {("speeder",)}
    assert Fact.objects.filter(flagged=True).count() == 3
    assert Feedback.objects.get(source_id="121").attributes == {"duration_seconds": "12"}
    assert Feedback.objects.get(source_id="124").attributes == {}


@pytest.mark.django_db(transaction=True)
def test_a_large_file_comes_in_apart_and_without_indexes_and_leaves_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_organization(now=NOW)
    rows = [f"r{n};{n % 28 + 1}.5.2026;{n % 13};sanoja riittää tähänkin asti {n}" for n in range(60)]
    file = table(tmp_path, *rows, "r1;2.5.2026;1;again")
    trial = import_file(file, mapping=MAPPING, now=NOW, dry_run=True)
    away: list[str] = []

    def seen(read: int, whole: int) -> None:
        away.extend(missing_indexes())

    monkeypatch.setattr(imports, "_BATCH", 25)
    monkeypatch.setattr(imports, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(imports, "_WORTH_NEW_INDEXES", 1)
    ledger = import_file(file, mapping=MAPPING, now=NOW, progress=seen)
    assert "feedback_heard" in away
    assert missing_indexes() == []
    assert (ledger.read, ledger.accepted, ledger.duplicate, ledger.rejected) == (61, 52, 1, 8)
    assert ledger.as_dict() | {"quality": 0} == trial.as_dict() | {"quality": 0}
    assert Feedback.objects.filter(language="fi").count() == 52
