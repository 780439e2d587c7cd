"""Real files of other makers come in by the mappings that ship as examples."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from luotain.listen.importers.ledger import Ledger
from luotain.listen.importers.look import propose_for
from luotain.listen.importers.mapping import Mapping, mapping_from, read_mapping, with_stretches
from luotain.listen.importers.problem import Undecided
from luotain.server.models.listen import Answer, Fact, Feedback, Import
from luotain.server.models.people import Customer
from luotain.server.operations import understand
from luotain.server.operations.listen import import_file
from luotain.server.operations.listen.imports import look_through

NOW = datetime(2026, 6, 1, tzinfo=UTC)
#: when the samples of other tools have been written
LATER = datetime(2026, 7, 1, tzinfo=UTC)
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


@pytest.mark.django_db
def test_a_stretch_in_the_other_order_is_read_whole_once_it_is_decided(shared: Path) -> None:
    mapping = example("nhs_phase2")
    found, _ = look_through(shared / NHS, mapping)
    decided = with_stretches(mapping, found.stretches)
    ledger = import_file(shared / NHS, mapping=decided, now=NOW, dry_run=True)
    assert (ledger.read, ledger.accepted, ledger.rejected) == (7908, 7908, 0)


#: file, mapping, records that are read, taken in, known already. Seven patients' words stand twice in a file, alike
#: to the minute; one traveller rated an airport's food with 50.
SETS = [
    ("airline_passenger_satisfaction/test_25976.csv", "airline_passengers", 25_976, 25_976, 0),
    ("nhs_fft_gp/fft_gp_practices.csv", "gp_practices", 3_882, 3_875, 7),
    ("retail_womens_clothing/womens_clothing_reviews_subset.csv", "clothing_reviews", 1_000, 1_000, 0),
    ("nhs_patient_feedback/phase1_text_data.csv", "nhs_phase1", 10_334, 10_334, 0),
    ("airline_skytrax/airport_sample_with_text.csv", "skytrax_airport", 1_001, 1_000, 0),
    ("airline_skytrax/lounge_full.csv", "skytrax_lounge", 2_264, 2_264, 0),
    ("airline_skytrax/seat_full.csv", "skytrax_seat", 1_258, 1_258, 0),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("file", "name", "read", "accepted", "duplicate"), SETS[1:], ids=[one[1] for one in SETS[1:]])
def test_every_record_of_the_real_files_is_accounted_for(
    shared: Path, file: str, name: str, read: int, accepted: int, duplicate: int
) -> None:
    ledger = import_file(shared / "data/real" / file, mapping=example(name), now=NOW, dry_run=True)
    assert (ledger.read, ledger.accepted, ledger.duplicate, ledger.rejected) == (
        read,
        accepted,
        duplicate,
        read - accepted - duplicate,
    )


@pytest.mark.slow
@pytest.mark.django_db
def test_a_passengers_zero_is_no_rating(shared: Path) -> None:
    file, name, *_ = SETS[0]
    ledger = bring(shared / "data/real" / file, example(name))
    assert (ledger.read, ledger.accepted) == (25_976, 25_976)
    zeros = Counter(Answer.objects.filter(raw="0", category="none").values_list("measure", flat=True))
    assert (zeros["wifi"], zeros["booking"], zeros["boarding"]) == (813, 1_195, 652)
    assert Fact.objects.filter(measure="wifi").count() == 25_976 - 813
    assert Fact.objects.filter(measure="satisfied", category="good").count() == 11_403


@pytest.mark.django_db
def test_who_does_not_know_leaves_the_denominator_and_is_kept(shared: Path) -> None:
    bring(shared / "data/real/nhs_fft_gp/fft_gp_practices.csv", example("gp_practices"))
    assert Answer.objects.filter(measure="fft", category="none", raw="Don't know").count() == 19
    assert Fact.objects.filter(measure="fft").count() == 3_875 - 19
    assert Feedback.objects.exclude(verbatim="").count() > 1_500


@pytest.mark.django_db
def test_a_rating_and_a_recommendation_that_disagree_are_reported(shared: Path) -> None:
    file = "data/real/retail_womens_clothing/womens_clothing_reviews_subset.csv"
    ledger = import_file(shared / file, mapping=example("clothing_reviews"), now=NOW, dry_run=True)
    told = {str(warning): count for warning, count in ledger.warnings.items()}
    assert told["three stars or fewer, and yet recommended"] == 50
    assert told["four stars or more, and yet not recommended"] == 6


@pytest.mark.django_db
def test_complaints_on_several_lines_are_counted_as_records_and_need_no_mapping(shared: Path) -> None:
    file = shared / "data/real/cfpb_complaints/cfpb_complaints_7671.csv"
    proposed = propose_for(file)
    ledger = bring(file, read_mapping(proposed.proposal.toml))
    assert (ledger.format, ledger.read, ledger.accepted) == ("cfpb", 1_813, 1_813)
    assert Feedback.objects.filter(kind="complaint").count() == 1_813


#: a sample of another tool, and what becomes of it without a mapping: whose it is, read, taken in, rejected
FORMATS = [
    ("qualtrics_csv/sample_3header_DE.csv", "qualtrics", 1, 1, 0),
    ("google_play/reviews_com.example.app_202606.csv", "google-play", 1, 1, 0),
    ("survicate/survey-response-example.json", "survicate", 1, 1, 0),
    ("tally/webhook_example_thirdparty.json", "tally", 1, 1, 0),
    ("trustpilot/review_shape_thirdparty.json", "trustpilot", 1, 1, 0),
    ("typeform/doc_example_truncated_webhook.json", "typeform", 1, 1, 0),
    ("formbricks/webhook_responseFinished.json", "formbricks", 1, 1, 0),
    ("open311/6aika_insert_requests.json", "open311", 5, 4, 1),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("file", "form", "read", "accepted", "rejected"), FORMATS, ids=[one[1] for one in FORMATS])
def test_a_sample_of_another_tool_comes_in_without_a_mapping_and_only_once(
    shared: Path, file: str, form: str, read: int, accepted: int, rejected: int
) -> None:
    path = shared / "data/formats" / file
    mapping = read_mapping(propose_for(path).proposal.toml)
    first = import_file(path, mapping=mapping, now=LATER)
    assert (first.format, first.read, first.accepted, first.rejected) == (form, read, accepted, rejected)
    again = import_file(path, mapping=mapping, now=LATER)
    assert (again.accepted, again.duplicate, again.rejected) == (0, accepted, rejected)
    assert Feedback.objects.count() == accepted


@pytest.mark.django_db
def test_nothing_of_a_persons_place_or_address_comes_in_with_a_survey(shared: Path) -> None:
    path = shared / "data/formats/qualtrics_csv/sample_3header_DE.csv"
    bring(path, read_mapping(propose_for(path).proposal.toml))
    voice = Feedback.objects.get()
    assert (voice.verbatim, voice.language, voice.source_id) == ("Hello World!", "de", "R_2YPOQ602ER1jkf1")
    assert voice.attributes == {"duration_seconds": "38"}
    assert voice.customer is None


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "read"), [("sample.sav", 5), ("sample.zsav", 5), ("sample_missing.sav", 7)])
def test_an_spss_file_is_asked_what_it_measures_and_then_read(shared: Path, name: str, read: int) -> None:
    path = shared / "data/formats/sav" / name
    toml = propose_for(path).proposal.toml.replace('measure = "?"', 'measure = "grade"')
    ledger = bring(path, read_mapping(toml))
    # two of the times lie in the 16th and 19th century, and one is missing or more
    assert (ledger.read, ledger.accepted) == (read, 2)
    assert {refusal.field for refusal in ledger.rejections} == {"occurred_at", "dtime"}
    assert set(Fact.objects.values_list("measure", flat=True)) == {"grade"}


@pytest.mark.slow
@pytest.mark.django_db
def test_a_telephone_companys_customers_come_in_with_their_contracts(shared: Path) -> None:
    ledger = bring(shared / "data/real/telco_churn_ibm/Telco-Customer-Churn.csv", example("telco_customers"))
    assert (ledger.read, ledger.accepted, Customer.objects.count()) == (7_043, 7_043, 7_043)
