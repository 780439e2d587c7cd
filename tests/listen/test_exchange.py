"""Questionnaires of other tools come in with what can be carried over, and the rest is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luotain.listen.branching import Clause, Condition, Op
from luotain.listen.drafting import Draft, DraftQuestion
from luotain.listen.exchange.carried import CannotExchange, Decided, plain
from luotain.listen.exchange.look import read_questionnaire
from luotain.listen.exchange.surveyjs import write_surveyjs
from luotain.listen.questionnaire import Item
from luotain.terms import SCALES, Anonymity, QuestionKind, Scale

FORMATS = Path(__file__).resolve().parents[3] / "shared" / "data" / "formats"
WORDS = {"fi": "Miksi <juuri> näin & noin?", "sv": "Varför?", "en": "Why?"}


def qsf(**question: Any) -> bytes:
    payload = {"QuestionID": "QID1", "DataExportTag": "Q1", "QuestionText": "How likely?", **question}
    blocks = {"0": {"Type": "Default", "BlockElements": [{"Type": "Question", "QuestionID": "QID1"}]}}
    elements = [{"Element": "BL", "Payload": blocks}, {"Element": "SQ", "Payload": payload}]
    return json.dumps({"SurveyEntry": {"SurveyName": "S", "SurveyLanguage": "EN"}, "SurveyElements": elements}).encode()


NPS = {"QuestionType": "MC", "Selector": "NPS", "Choices": [{"Display": str(point)} for point in range(11)]}


@pytest.mark.parametrize(
    ("file", "form", "questions", "asks"),
    [
        ("surveyjs/novacode_test_survey_schema.json", "surveyjs", 19, {"satisfaction", "qualityMatrix"}),
        ("qualtrics_qsf/clever-nps.qsf", "qualtrics", 1, set()),
        ("qualtrics_qsf/5-star-rating-question-slider.qsf", "qualtrics", 1, {"Q1"}),
        ("limesurvey/citric_survey.lss", "limesurvey", 4, {"G01Q02"}),
        ("limesurvey/citric_limesurvey_survey_432535.lss", "limesurvey", 2, {"G01Q01"}),
        ("limesurvey/citric_answers.lss", "limesurvey", 2, {"Q02"}),
        ("limesurvey/citric_group.lsg", "limesurvey", 2, {"G01Q02"}),
        ("limesurvey/citric_free_text.lsq", "limesurvey", 1, set()),
        ("xlsform/choice_filter_test.xlsx", "xlsform", 3, set()),
    ],
)
def test_a_file_of_another_tool_comes_in_and_asks_what_its_ratings_measure(
    file: str, form: str, questions: int, asks: set[str]
) -> None:
    path = FORMATS / file
    if not path.exists():
        pytest.skip("the samples are not on this machine")
    carried = read_questionnaire(path.read_bytes())
    assert (carried.format, len(carried.draft.questions)) == (form, questions)
    assert {note.question for note in carried.notes if note.asks} == asks


def whole() -> Draft:
    """One question of every kind, with everything that a question can have."""
    own = Scale("ours_1_4", 1, 4, 0.5, reversed_=True, poor_to=2, good_from=3, labels={"1": "hyvä"}, missing=("9",))
    choices = (("price", WORDS), ("other", {"fi": "Muu"}))
    low = Condition((Clause("nps", Op.AT_MOST, ("6",)), Clause("why", Op.ANY_OF, ("price",))), any_of=True)

    def asked(code: str, kind: QuestionKind, **more: Any) -> DraftQuestion:
        parts = {name: more.pop(name) for name in ("options", "rows") if name in more}
        rows = {"rows": {code: "speed" for code, _ in parts.get("rows", ())}}
        options = tuple(name for name, _ in parts.get("options", ()))
        return DraftQuestion(Item(code, kind, options=options, **rows, **more), WORDS, {"en": "<b>help</b>"}, **parts)

    questions = (
        asked("nps", QuestionKind.SCORE, measure="nps", scale=SCALES["nps_0_10"], required=True, page=1),
        asked("own", QuestionKind.SCORE, measure="own", scale=own, options=(("1", {"fi": "Hyvä"}),), page=2),
        asked("mood", QuestionKind.EMOTION, measure="emotion", scale=SCALES["emotion_1_5"], options=(("1", WORDS),)),
        asked("why", QuestionKind.CHOICE, options=choices, shuffled=True),
        asked("all", QuestionKind.MULTI, options=choices, most=2),
        asked(
            "table",
            QuestionKind.MATRIX,
            measure="m",
            scale=SCALES["agree_1_5"],
            options=(("5", WORDS),),
            rows=(("speed", WORDS),),
        ),
        asked("story", QuestionKind.TEXT, condition=low),
        asked("better", QuestionKind.IMPROVEMENT),
        asked("call", QuestionKind.CONTACT),
        asked("file", QuestionKind.FILE),
    )
    return Draft(WORDS, ("fi", "sv", "en"), questions, WORDS, WORDS, Anonymity.CONFIDENTIAL)


def test_what_goes_out_as_surveyjs_comes_in_the_same() -> None:
    written = write_surveyjs(whole(), code="ours", population="employee", shuffled=True)
    carried = read_questionnaire(json.dumps(written).encode())
    assert carried.draft == whole()
    assert (carried.code, carried.population, carried.shuffled, carried.notes) == ("ours", "employee", True, ())


def test_what_goes_out_is_surveyjs_by_its_published_schema() -> None:
    path = FORMATS / "surveyjs" / "surveyjs_definition_3.1.1.schema.json"
    if not path.exists():
        pytest.skip("the schema is not on this machine")
    schema = json.loads(path.read_text(encoding="utf-8"))
    validator = pytest.importorskip("jsonschema").Draft7Validator(schema)
    written = write_surveyjs(whole(), code="ours", population="customer", shuffled=False)
    assert [error.message for error in validator.iter_errors(written)] == []
    element = written["pages"][0]["elements"][0]
    assert not validator.is_valid({**written, "pages": [{"elements": [{**element, "isRequired": "yes"}]}]})


def test_a_condition_is_written_in_the_language_of_surveyjs_too() -> None:
    written = write_surveyjs(whole(), code="ours", population="customer", shuffled=False)
    [story] = [one for page in written["pages"] for one in page["elements"] if one["name"] == "story"]
    assert story["visibleIf"] == "{nps} <= 6 or {why} anyof ['price']"


def test_an_nps_of_qualtrics_is_one_unless_a_script_changes_it() -> None:
    [plain_one] = read_questionnaire(qsf(**NPS)).draft.questions
    assert (plain_one.item.kind, plain_one.item.measure) == (QuestionKind.SCORE, "nps")
    scripted = read_questionnaire(qsf(**NPS, QuestionJS="Qualtrics.SurveyEngine.addOnload(hideZero)"))
    assert (scripted.draft.questions[0].item.kind, scripted.draft.questions[0].item.measure) == ("choice", "")
    assert any(note.asks and "script" in note.said for note in scripted.notes)


def test_an_nps_of_qualtrics_on_other_points_is_asked_about() -> None:
    ten = {**NPS, "Choices": {str(point): {"Display": str(point)} for point in range(1, 11)}}
    carried = read_questionnaire(qsf(**ten))
    assert carried.draft.questions[0].item.kind == QuestionKind.CHOICE
    assert [note.asks for note in carried.notes] == [True]


def test_a_rating_is_a_score_once_somebody_says_what_it_measures() -> None:
    decided = {"Q1": Decided("csat", SCALES["csat_1_5"])}
    stars = qsf(QuestionType="Slider", Selector="STAR", Configuration={"StarCount": 5})
    carried = read_questionnaire(stars, decided)
    item = carried.draft.questions[0].item
    assert (item.kind, item.measure, item.scale, carried.notes) == ("score", "csat", SCALES["csat_1_5"], ())


def test_texts_lose_their_html_and_not_their_letters() -> None:
    assert plain("<h1>Oletko &nbsp;tyytyv&auml;inen?</h1><script>alert(1)</script>") == "Oletko tyytyväinen?"
    assert plain("voc&ecirc;") == "você"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a,b\n1,2",
        b"{",
        b"[]",
        b'{"pages": 1}',
        b'{"SurveyElements": [], "SurveyEntry": {}}',
        b"<html/>",
        b"<document>",
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><document><LimeSurveyDocType>&x;</LimeSurveyDocType></document>',
        b'<!DOCTYPE d [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><document>&b;</document>',
        b'{"elements": [{"name": "q", "type": "rating", "luotain": {"kind": "score", "measure": "x"}}]}',
        b'{"elements": [{"name": "q", "luotain": {"kind": "score", "measure": "x", "scale": {"code": 1}}}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_questionnaire_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(CannotExchange) as refused:
        read_questionnaire(data)
    assert len(refused.value.said) > 20


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 12) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def spoilt(value: Any, place: int, other: Any) -> Any:
    """Return the value with another in one of its places."""
    places: list[Callable[[], None]] = []

    def walk(part: Any) -> None:
        keys = list(part) if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
        for key in keys:
            places.append(lambda part=part, key=key: part.__setitem__(key, other))  # type: ignore[misc]
            walk(part[key])

    whole_one = json.loads(json.dumps(value))
    walk(whole_one)
    places[place % len(places)]()
    return whole_one


SOURCES = (
    write_surveyjs(whole(), code="ours", population="customer", shuffled=False),
    json.loads(qsf(**NPS, Language={"FI": {"QuestionText": "Kuinka?"}}, ChoiceOrder=["1", "2"])),
    json.loads(qsf(QuestionType="Matrix", Selector="Likert", Choices={"1": {"Display": "a"}}, Answers=[{}])),
    {"pages": [{"elements": [{"type": "panel", "elements": [{"type": "rating", "name": "r", "rateValues": [1, 2]}]}]}]},
)


@given(st.sampled_from(SOURCES), st.integers(0, 10_000), ANY)
def test_a_file_that_is_spoilt_anywhere_comes_in_or_is_refused(source: Any, place: int, other: Any) -> None:
    try:
        carried = read_questionnaire(json.dumps(spoilt(source, place, other)).encode())
    except CannotExchange:
        return
    for question in carried.draft.questions:
        assert question.item.kind != QuestionKind.SCORE or (question.item.measure and question.item.scale)
        assert write_surveyjs(carried.draft, code="x", population="customer", shuffled=False)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"{", b"<document><LimeSurveyDocType>", b'{"SurveyElements":'):
        with suppress(CannotExchange):
            assert read_questionnaire(start + data).notes
