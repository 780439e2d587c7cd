"""What a mapping may decide: stretches of dates, what is left out, choices, claims; and how data is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from luotain.listen.answering import NotAccepted
from luotain.listen.importers.mapping import Mapping, read_mapping, with_stretches
from luotain.listen.importers.problem import WrongMapping
from luotain.listen.importers.propose import propose
from luotain.listen.importers.reading import Record
from luotain.listen.importers.records import Reader
from luotain.listen.importers.survey import survey
from luotain.listen.importers.toml import write
from luotain.listen.submission import Submission

COLUMNS = ("day", "score", "group", "kind", "a", "b")
DAYS = ["25/02/2021", "03/04/2021", "10/17/2021", "10/03/2021", "26/05/2021"]


def mapping(text: str = "", times: str = 'column = "day", formats = ["%d/%m/%Y"]') -> Mapping:
    return read_mapping(f'source = "x"\noccurred_at = {{ {times} }}\n{text}')


def rows(*cells: Sequence[str]) -> list[Record]:
    return [Record(n, (*given, *[""] * (len(COLUMNS) - len(given)))) for n, given in enumerate(cells, start=1)]


def read(declared: Mapping, record: Record, reader: Reader | None = None) -> Submission:
    voice = (reader or Reader(declared, COLUMNS, "UTC")).read(record)[0]
    assert isinstance(voice, Submission)
    return voice


def test_a_stretch_is_read_month_first_once_somebody_has_decided_so() -> None:
    open_, records = mapping(), rows(*([day] for day in DAYS))
    found = survey(open_, COLUMNS, records, examine=True)
    assert found.stretches == ((2, 4),)
    assert found.examination is not None
    quality = found.examination.finish()
    assert (quality.turned, quality.dates["other_order"]) == (((2, 4),), 1)
    assert "month_first = [[2, 4]]" in quality.lines()[-1]
    with pytest.raises(NotAccepted, match="decide the whole stretch"):
        read(open_, records[3], Reader(open_, COLUMNS, "UTC", stretches=found.stretches))
    decided = with_stretches(open_, found.stretches)
    again = survey(decided, COLUMNS, records)
    assert again.stretches == ()
    reader = Reader(decided, COLUMNS, "UTC", stretches=again.stretches)
    assert [read(decided, record, reader).occurred_at.strftime("%d.%m.") for record in records] == [
        "25.02.", "04.03.", "17.10.", "03.10.", "26.05.",
    ]  # fmt: skip
    assert read_mapping(write(decided.raw)) == decided


def test_a_stretch_stands_only_beside_formats_of_the_other_order() -> None:
    with pytest.raises(WrongMapping, match=r"occurred_at\.day_first stands only beside"):
        mapping(times='column = "day", formats = ["%d/%m/%Y"], day_first = [[1, 2]]')
    with pytest.raises(WrongMapping, match=r"write it as \[\[120, 240\]\]"):
        mapping(times='column = "day", formats = ["%d/%m/%Y"], month_first = [[9, 2]]')


def test_records_are_left_out_with_their_reason_and_reported_with_their_number() -> None:
    rules = """
[[leave_out]]
where = { kind = ["test", "preview"] }
says = "only a test"
[[report]]
where = { score = ["1", "2"], group = "recommends" }
says = "a poor score, and yet recommended"
"""
    declared = mapping(rules)
    reader = Reader(declared, COLUMNS, "UTC")
    with pytest.raises(NotAccepted, match="only a test") as refused:
        read(declared, rows(["01/02/2021", "5", "", "test"])[0], reader)
    assert (refused.value.field, refused.value.value) == ("kind", "test")
    read(declared, rows(["01/02/2021", "2", "recommends"])[0], reader)
    read(declared, rows(["01/02/2021", "4", "recommends"])[0], reader)
    assert dict(reader.warnings) == {"a poor score, and yet recommended": 1}


def test_choices_of_several_columns_are_one_answer_without_a_measure() -> None:
    declared = mapping('[[answers]]\ncode = "why"\ncolumns = { a = "Price", b = "Staff" }\nmissing = ["0"]')
    assert [a.raw for a in read(declared, rows(["01/02/2021", "", "", "", "1", "x"])[0]).answers] == ["Price; Staff"]
    assert read(declared, rows(["01/02/2021", "", "", "", "0", ""])[0]).answers == ()
    with pytest.raises(WrongMapping, match="no measure and no scale"):
        mapping('[[answers]]\ncode = "why"\ncolumns = { a = "x" }\nmeasure = "nps"\nscale = "nps_0_10"')


def test_one_column_can_hold_several_scales_told_apart_by_another() -> None:
    declared = mapping("""
[[answers]]
column = "score"
code = "nps"
measure = "nps"
scale = "nps_0_10"
where = { kind = "nps" }
[[answers]]
column = "score"
code = "csat"
measure = "csat"
scale = "csat_1_5"
where = { kind = ["csat", "smile"] }
""")
    told = rows(
        ["01/02/2021", "9", "", "nps"], ["01/02/2021", "4", "", "smile"], *[["01/02/2021", "9", "", "csat"]] * 5
    )
    assert [read(declared, record).answers[0].measure for record in told[:2]] == ["nps", "csat"]
    questions = survey(declared, COLUMNS, told).questions
    assert len(questions) == 1
    assert "'9' (5×) mean in 'score'? The scale csat_1_5" in questions[0]


def test_a_claim_that_the_scale_contradicts_is_told_with_its_value() -> None:
    declared = mapping("""
[[answers]]
column = "score"
measure = "nps"
scale = "nps_0_10"
claimed = { column = "group", map = { "2" = "passive" } }
""")
    reader = Reader(declared, COLUMNS, "UTC")
    for score, group, kind in (("9", "2", "a"), ("9", "2", "b"), ("8", "2", ""), ("3", "Detractor", "")):
        read(declared, rows(["01/02/2021", score, group, kind])[0], reader)
    assert dict(reader.warnings) == {"group: 9 says 'passive', and is 'promoter' on its scale": 2}


@pytest.mark.parametrize(("cell", "whole"), [("2021-01-01", True), ("", False), ("1980-01-01", False)])
def test_a_response_is_whole_when_it_has_a_time_of_sending(cell: str, whole: bool) -> None:
    declared = mapping('completed = { column = "a", missing = ["1980-01-01"], otherwise = "yes" }')
    assert read(declared, rows(["01/02/2021", "", "", "", cell])[0]).completed is whole


def test_a_time_is_taken_from_the_next_column_or_from_the_mapping() -> None:
    declared = mapping(times='column = "day", formats = ["%d/%m/%Y"], otherwise = ["a"]')
    assert read(declared, rows(["", "", "", "", "02/03/2021"])[0]).occurred_at.date().isoformat() == "2021-03-02"
    one = mapping(times='value = "2026-05-01"')
    assert read(one, rows([""])[0]).occurred_at.date().isoformat() == "2026-05-01"


def test_the_data_is_looked_into_before_anything_is_written() -> None:
    declared = mapping('verbatim = ["b"]\n[[answers]]\ncolumn = "score"\nmeasure = "csat"\nscale = "csat_1_5"')
    told = rows(
        ["01/02/2021", "5", "", "", "", "Palvelu oli todella hyvää ja nopeaa, kiitos siitä."],
        ["01/02/2021", "7", "", "", "", "The service was really good and quick, thank you."],
    )
    found = survey(declared, COLUMNS, told, examine=True)
    assert found.examination is not None
    quality: Any = found.examination.finish(duplicates=0.25)
    assert quality.empty == ("group", "kind", "a")
    assert quality.off_scale == {"csat": {"7": 1}}
    assert quality.languages == {"fi": 1, "en": 1}
    assert quality.lines()[0] == "duplicates: 25.0 % of the records"


@pytest.mark.parametrize("text", ["a", 'q"uo\\te', "tab\t\x01\x7f", "ä😀", "\ud800", "line\nend", "", "%"])
def test_whatever_a_file_calls_its_columns_the_mapping_is_toml(text: str) -> None:
    raw = {"source": "x", "drop": [text], "attributes": {text: {"column": text}}, "answers": [{"map": {text: "1"}}]}
    import tomllib

    told = text.encode("utf-8", "replace").decode()
    assert tomllib.loads(write(raw))["drop"] == [told]


def test_people_who_press_the_same_button_are_counted_each_and_a_text_that_stands_twice_once() -> None:
    declared = mapping('verbatim = ["b"]\n[[answers]]\ncolumn = "score"\nmeasure = "csat"\nscale = "csat_1_5"')
    pressed, wrote = ["01/02/2021", "5"], ["01/02/2021", "5", "", "", "", "Kiitos"]
    told = rows(pressed, pressed, wrote, wrote, pressed)

    def ids() -> list[str]:
        reader = Reader(declared, COLUMNS, "UTC")
        return [read(declared, record, reader).source_id for record in told]

    first = ids()[0]
    assert [one.removeprefix(first) for one in ids() if one.startswith(first)] == ["", "-2", "-3"]
    assert ids()[2] == ids()[3]
    assert ids() == ids()


def test_a_whole_number_with_a_decimal_is_the_same_code() -> None:
    declared = mapping("""
[[answers]]
column = "score"
measure = "wifi"
scale = { code = "stars", low = 1, high = 5, missing = ["0"] }
map = { "7" = "5" }
missing = ["9"]
""")
    told = [
        read(declared, record).answers
        for record in rows(*(["01/02/2021", cell] for cell in ("0.0", "7.0", "9.0", "3.0")))
    ]
    assert [[a.raw for a in one] for one in told] == [["0"], ["5"], [], ["3.0"]]


NPS = '[[answers]]\ncolumn = "score"\nmeasure = "nps"\nscale = "nps_0_10"'


@pytest.mark.parametrize(("scores", "doubted"), [(range(1, 11), True), (range(11), False), (range(7, 11), False)])
def test_a_recommendation_that_nobody_answered_with_zero_is_doubted(scores: range, doubted: bool) -> None:
    told = rows(*(["01/02/2021", str(scores[n % len(scores)])] for n in range(300)))
    warnings = survey(mapping(NPS), COLUMNS, told).warnings
    assert [str(warning) for warning in warnings] == (
        ["'score': no 0 among 300 answers. If it was asked on 1–10, it is not NPS: give the measure another name"]
        if doubted
        else []
    )


def test_several_scales_in_one_field_are_asked_about_one_by_one() -> None:
    kinds = {"smileys": 3, "buttons": 4, "likelihood": 10}
    told = [["2021-02-25", str(n % (end + 1)), kind] for kind, end in kinds.items() for n in range(44)]
    proposal = propose(("day", "score", "kind"), told, source="terminals")
    assert "'score' holds several scales, told apart by 'kind': 0–3 (smileys), 0–4 (buttons), 0–10 (likelihood)" in str(
        proposal.questions[-1]
    )
    toml = proposal.toml.replace('touchpoint = { value = "?"', 'touchpoint = { value = "door"')
    for place, end in enumerate(kinds.values()):
        scale = f'scale = {{ code = "s{place}", low = 0, high = {end} }}'
        toml = toml.replace('measure = "?"', f'measure = "m{place}"', 1).replace('scale = "?"', scale, 1)
    declared = read_mapping(toml)
    assert [dict(answer.where) for answer in declared.answers] == [{"kind": frozenset({kind})} for kind in kinds]


def test_one_scale_in_several_groups_stays_one() -> None:
    told = [["2021-02-25", str(n % 11), market] for market in ("FI", "SE") for n in range(44)]
    proposal = propose(("day", "score", "market"), told, source="bank")
    assert proposal.toml.count("[[answers]]") == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f'[[answers]]\ncolumn = "score"\nmeasure = "{"m" * 41}"\nscale = "csat_1_5"', "measure is longer than 40"),
        (f'[[answers]]\ncolumn = "score"\ncode = "{"c" * 61}"', "code is longer than 60"),
        (f'[attributes]\n{"a" * 61} = "a"', "longer than 60"),
    ],
)
def test_a_name_that_nowhere_fits_is_refused_before_anything_is_read(text: str, says: str) -> None:
    with pytest.raises(WrongMapping, match=says):
        mapping(text)
