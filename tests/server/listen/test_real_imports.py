"""Real files of other makers come in by the mappings that ship as examples."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from luotain.listen.importers.ledger import Ledger
from luotain.listen.importers.mapping import Mapping, mapping_from, read_mapping
from luotain.listen.importers.problem import Undecided
from luotain.server.models.listen import Answer, Fact, Feedback, Import
from luotain.server.operations import understand
from luotain.server.operations.listen import import_file

NOW = datetime(2026, 6, 1, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "mappings"
BANK = "data/real/nps_bank_multimarket/NPStimeseries.csv"
AIRLINE = "data/real/airline_skytrax/airline_sample_with_text.csv"
NHS = "data/real/nhs_patient_feedback/phase2_v6framework_230831.csv"


def example(name: str) -> Mapping:
    return read_mapping((EXAMPLES / f"{name}.toml").read_text(encoding="utf-8"))


def bring(path: Path, mapping: Mapping) -> Ledger:
    ledger = import_file(path, mapping=mapping, now=NOW)
    assert ledger.balances
    return ledger


@pytest.mark.django_db(transaction=True)
def test_the_bank_gives_its_known_figures_by_market(shared: Path) -> None:
    ledger = bring(shared / BANK, example("bank"))
    assert (ledger.read, ledger.accepted, ledger.rejected) == (5000, 5000, 0)
    cells = understand.measure("nps", by=("market",))
    figures = {cell.by.get("market"): round(cell.value, 2) for cell in cells if cell.value is not None}
    assert figures == {None: 11.8, "MEX": 17.1, "UK": 8.49, "US": 9.93}
    assert all(cell.low < cell.value < cell.high for cell in cells)  # type: ignore[operator]


@pytest.mark.django_db
def test_the_bank_opens_no_cases_from_history_and_mixes_its_dates_rightly(shared: Path) -> None:
    bring(shared / BANK, example("bank"))
    assert Feedback.objects.filter(triaged_at=None).count() == 0
    assert set(Feedback.objects.values_list("occurred_at__year", flat=True)) <= {2020, 2021}
    assert Feedback.objects.get(source_id="1000").occurred_at == datetime(2021, 8, 31, 21, tzinfo=UTC)
    assert "customer_name" not in str(Feedback.objects.values_list("attributes").first())


@pytest.mark.django_db
def test_the_same_file_twice_adds_nothing(shared: Path) -> None:
    bring(shared / BANK, example("bank"))
    again = bring(shared / BANK, example("bank"))
    assert (again.accepted, again.duplicate) == (0, 5000)
    assert (Feedback.objects.count(), Fact.objects.count(), Import.objects.count()) == (5000, 5000, 2)


@pytest.mark.django_db
def test_airline_reviews_keep_their_own_scales_and_await_triage(shared: Path) -> None:
    ledger = bring(shared / AIRLINE, example("skytrax_airline"))
    assert (ledger.read, ledger.accepted) == (2244, 2244)
    assert not Fact.objects.filter(measure="nps").exists()
    assert Counter(Fact.objects.filter(measure="recommended").values_list("category", flat=True)) == {
        "good": 1344,
        "poor": 900,
    }
    assert Fact.objects.filter(measure="overall").count() == 2244 - 187
    assert set(Answer.objects.filter(measure="overall").values_list("scale__code", flat=True)) == {"overall_1_10"}
    # 277 zeros of entertainment are no answers, and 608 NA are nothing at all
    assert Fact.objects.filter(measure="entertainment").count() == 2244 - 608 - 277
    assert Feedback.objects.filter(triaged_at=None).exclude(verbatim="").count() == 2244


@pytest.mark.django_db
def test_the_health_service_is_asked_about_the_codes_that_nobody_documented(shared: Path) -> None:
    told = {**example("nhs_phase2").raw}
    told["answers"] = [{key: value for key, value in told["answers"][0].items() if key != "unknown"}]
    with pytest.raises(Undecided) as asked:
        import_file(shared / NHS, mapping=mapping_from(told), now=NOW)
    assert "'7' (416×)" in str(asked.value)
    assert "'6' (24×)" in str(asked.value)
    assert (Feedback.objects.count(), Import.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_the_health_services_reversed_scale_is_turned_and_each_respondent_counts_once(shared: Path) -> None:
    ledger = bring(shared / NHS, example("nhs_phase2"))
    assert ledger.read == 7908
    facts = Fact.objects.filter(measure="fft")
    # 4,466 respondents, of whom 239 gave a code that is documented nowhere and one only a date that cannot be told
    assert facts.count() == 4226
    assert facts.filter(category="poor").count() == 420
    assert facts.get(feedback_id=Feedback.objects.get(source_id="NEAS PTS 528 - Q1").pk).value == 5.0
    assert not Feedback.objects.filter(verbatim="Did not answer").exists()
    assert any("'7'" in warning and "225" in warning for warning in ledger.warning_lines())


@pytest.mark.django_db
def test_a_stretch_with_day_and_month_in_changed_places_is_refused_whole(shared: Path) -> None:
    ledger = bring(shared / NHS, example("nhs_phase2"))
    records = [refusal.record for refusal in ledger.rejections if refusal.field == "Date"]
    assert ledger.rejected == len(records) == 504
    # "10/03/2021" of record 3,796 is the third of October, as "10/17/2021" a little later gives away
    assert 3796 in records
    assert ledger.rejections[0].reason.startswith("day and month change places around this record")
