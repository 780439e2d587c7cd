"""XLSForms come in with their questions, choices, languages and simple conditions, and the rest is named."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from luotain.listen.branching import Clause, Op, shown
from luotain.listen.drafting import DraftQuestion, check
from luotain.listen.exchange.carried import CannotExchange, Carried, Decided
from luotain.listen.exchange.look import read_questionnaire
from luotain.listen.exchange.relevant import read_relevant
from luotain.listen.piping import piped
from luotain.terms import SCALES, QuestionKind

_Rows = Sequence[Sequence[object]]
HEADER = (
    "type",
    "name",
    "label::Suomi (fi)",
    "label::English (en)",
    "relevant",
    "constraint",
    "parameters",
    "required",
)
YES_NO = (("yes_no", "yes", "Kyllä", "Yes"), ("yes_no", "no", "Ei", "No"), ("yes_no", "don't know", "En tiedä", "?"))


def form(
    *rows: Sequence[object], header: Sequence[str] = HEADER, choices: _Rows = YES_NO, settings: _Rows = ()
) -> bytes:
    file = io.BytesIO()
    sheets = {
        "survey": [header, *rows],
        "choices": [("list_name", "name", "label::Suomi (fi)", "label::English (en)"), *choices],
        "settings": settings,
    }
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        for name, lines in sheets.items():
            sheet = workbook.add_worksheet(name)
            for number, line in enumerate(lines):
                sheet.write_row(number, 0, line)
    return file.getvalue()


def by_code(carried: Carried) -> dict[str, DraftQuestion]:
    return {question.item.code: question for question in carried.draft.questions}


def notes(carried: Carried, question: str) -> str:
    return " | ".join(str(note.said) for note in carried.notes if note.question == question)


def test_questions_choices_languages_and_pages_come_over() -> None:
    carried = read_questionnaire(
        form(
            ("note", "hello", "Tervetuloa", "Welcome"),
            ("text", "why", "Miksi?", "Why?", "", "", "", "yes"),
            ("begin_group", "second", "Toinen", "Second"),
            ("select_one yes_no", "again", "Tuletko taas?", "Will you come again?"),
            ("select_multiple yes_no", "several", "Mitkä?", "Which?", "", "", "randomize=true"),
            ("end_group",),
            ("image", "photo", "Kuva", "Picture", "", "", "", "yes"),
            ("note", "bye", "Kiitos", "Thank you"),
            settings=[("form_title", "form_id"), ("Käynti", "visit_2026")],
        )
    )
    found = by_code(carried)
    assert (carried.format, carried.code) == ("xlsform", "visit_2026")
    assert dict(carried.draft.title) == {"en": "Käynti"}
    assert carried.draft.languages == ("fi", "en")
    assert dict(carried.draft.intro) == {"fi": "Tervetuloa", "en": "Welcome"}
    assert dict(carried.draft.thanks) == {"fi": "Kiitos", "en": "Thank you"}
    kinds = {code: question.item.kind.value for code, question in found.items()}
    assert kinds == {"why": "text", "again": "choice", "several": "multi", "photo": "file"}
    assert dict(found["why"].text) == {"fi": "Miksi?", "en": "Why?"}
    assert found["again"].options[0] == ("yes", {"fi": "Kyllä", "en": "Yes"})
    assert found["again"].item.options == ("yes", "no", "don_t_know")
    assert [question.item.page for question in found.values()] == [1, 2, 2, 3]
    assert [found["why"].item.required, found["photo"].item.required, found["several"].item.shuffled] == [
        True, False, True,
    ]  # fmt: skip
    assert not [remark for remark in check(carried.draft) if remark.question and remark.blocking]


@pytest.mark.parametrize(
    ("row", "values"),
    [
        (("range", "q", "Arvio", "Rating", "", "", "start=1 end=5 step=1"), ["1", "2", "3", "4", "5"]),
        (("range", "q", "Arvio", "Rating", "", "", "start=0, end=1, step=0.5"), ["0", "0_5", "1"]),
        (("integer", "q", "Arvio", "Rating", "", ".>=1 and .<=3"), ["1", "2", "3"]),
        (("decimal", "q", "Arvio", "Rating", "", "(. < 4) and (. > 0)"), ["1", "2", "3"]),
    ],
)
def test_a_rating_asks_what_it_measures_and_is_never_guessed(row: Sequence[object], values: list[str]) -> None:
    carried = read_questionnaire(form(row))
    (question,) = carried.draft.questions
    assert (question.item.kind, question.item.measure, question.item.scale) == (QuestionKind.CHOICE, "", None)
    assert list(question.item.options) == values
    assert [note.asks for note in carried.notes] == [True]


def test_a_rating_that_somebody_declared_is_a_score() -> None:
    row = ("range", "q", "Arvio", "Rating", "", "", "start=0 end=10")
    carried = read_questionnaire(form(row), {"q": Decided("nps", SCALES["nps_0_10"])})
    (question,) = carried.draft.questions
    assert (question.item.kind, question.item.measure, question.item.scale) == ("score", "nps", SCALES["nps_0_10"])
    assert carried.notes == ()


@pytest.mark.parametrize(
    "constraint", ["", ". > 0", ". >= 0 and . <= 100000", "regex(., '[0-9]')", ". >= 5 and . <= 1", ".>=1 and .<=${a}"]
)
def test_a_number_without_a_range_is_asked_in_words_and_said(constraint: str) -> None:
    carried = read_questionnaire(form(("integer", "q", "Ikä", "Age", "", constraint)))
    assert carried.draft.questions[0].item.kind == QuestionKind.TEXT
    assert "without a range" in notes(carried, "q")
    assert ("its constraint was left out" in notes(carried, "q")) == bool(constraint)


def conditional(relevant: str, *before: Sequence[object], decided: bool = False) -> Carried:
    rows = (
        ("select_one yes_no", "again", "?", "?"),
        ("select_multiple yes_no", "several", "?", "?"),
        ("range", "score", "?", "?", "", "", "start=0 end=10"),
        ("text", "words", "?", "?"),
        *before,
        ("text", "why", "?", "?", relevant),
    )
    return read_questionnaire(form(*rows), {"score": Decided("nps", SCALES["nps_0_10"])} if decided else None)


@pytest.mark.parametrize(
    ("relevant", "clauses"),
    [
        ("${again} = 'no'", [Clause("again", Op.IS, ("no",))]),
        ('selected(${again}, "don\'t know")', [Clause("again", Op.IS, ("don_t_know",))]),
        ("selected(${several}, 'yes') ", [Clause("several", Op.IS, ("yes",))]),
        ("not(selected(${several}, 'yes'))", [Clause("several", Op.IS_NOT, ("yes",))]),
        ("${words} != ''", [Clause("words", Op.ANSWERED)]),
        ("string-length(${words}) > 0", [Clause("words", Op.ANSWERED)]),
        ("(${score} <= 6)", [Clause("score", Op.AT_MOST, ("6",))]),
        ("${score} > 8", [Clause("score", Op.AT_LEAST, ("9",))]),
        ("${again}='no' and ${score}<3", [Clause("again", Op.IS, ("no",)), Clause("score", Op.AT_MOST, ("2",))]),
    ],
)
def test_a_simple_condition_is_carried_over(relevant: str, clauses: list[Clause]) -> None:
    carried = conditional(relevant, decided=True)
    condition = by_code(carried)["why"].item.condition
    assert condition is not None
    assert (list(condition.clauses), condition.any_of) == (clauses, False)
    assert "build the condition again" not in notes(carried, "why")


def test_a_condition_on_a_rating_that_is_still_a_choice_names_the_points() -> None:
    condition = by_code(conditional("${score} >= 9 or ${again} = 'no'"))["why"].item.condition
    assert condition is not None
    assert condition.any_of
    assert condition.clauses[0] == Clause("score", Op.ANY_OF, ("9", "10"))


@pytest.mark.parametrize(
    "relevant",
    [
        "${again} = 'no' and ${score} < 3 or ${words} != ''",
        "count-selected(${several}) > 1",
        "${several} = 'yes'",
        "${again} = ''",
        "${again} = 'perhaps'",
        "${words} = 'yes'",
        "${nobody} = 'yes'",
        "${why} = 'yes'",
        "${score} > 10",
        "${score} < 'a'",
        "today() > ${score}",
        "not(${again} = 'no')",
        "((((((((((((${again} = 'no'))))))))))))",
        "${again} = 'no'" + " and ${again} = 'no'" * 500,
        "${again} =",
        "'",
    ],
)
def test_a_condition_that_cannot_be_made_here_is_told_and_the_question_is_asked_of_all(relevant: str) -> None:
    carried = conditional(relevant, decided=True)
    assert by_code(carried)["why"].item.condition is None
    assert "build the condition again" in notes(carried, "why")


def test_a_name_that_stands_twice_in_a_list_means_both_choices() -> None:
    choices = (("county", "king", "a", "a"), ("county", "pierce", "b", "b"), ("county", "king", "c", "c"))
    rows = [("select_one county", "county", "?", "?")]
    rows += [("text", f"q{n}", "?", "?", f"${{county}} {sign} 'king'") for n, sign in enumerate(("=", "!="))]
    found = by_code(read_questionnaire(form(*rows, choices=choices)))
    condition = found["q0"].item.condition
    assert condition is not None
    assert condition.clauses == (Clause("county", Op.ANY_OF, ("king", "king_2")),)
    assert found["q1"].item.condition is None


def test_the_condition_of_a_group_holds_for_its_questions() -> None:
    carried = read_questionnaire(
        form(
            ("select_one yes_no", "again", "?", "?"),
            ("begin group", "g", "", "", "${again} = 'no'"),
            ("begin group", "inner", "", "", ""),
            ("text", "why", "?", "?"),
            ("note", "aside", "Hm", "Hm"),
            ("end group",),
            ("end group",),
            ("text", "free", "?", "?"),
        )
    )
    items = [question.item for question in carried.draft.questions]
    assert [item.code for item in shown(items, {"again": "yes"})] == ["again", "free"]
    assert [item.code for item in shown(items, {"again": "no"})] == ["again", "why", "free"]
    assert "under a condition: left out" in notes(carried, "aside")


def test_is_not_is_told_to_need_an_answer_here() -> None:
    carried = conditional("${again} != 'no'")
    assert by_code(carried)["why"].item.condition is not None
    assert "only where the other question was answered" in notes(carried, "why")


def test_what_cannot_come_over_is_listed_by_name() -> None:
    header = (*HEADER, "calculation", "media::image::Suomi (fi)", "disabled", "default")
    carried = read_questionnaire(
        form(
            ("start", "start"),
            ("geopoint", "where", "Missä?", "Where?"),
            ("select_one missing", "lost", "?", "?"),
            ("select_one yes_no or_other", "open", "?", "?"),
            ("text", "sum", "?", "?", "", "", "", "", "1 + 1", "cat.png", "", "abc"),
            ("text", "off", "?", "?", "", "", "", "", "", "", "yes"),
            ("begin_repeat", "each", "Lapset", "Children"),
            ("text", "child", "?", "?"),
            ("end_repeat",),
            header=header,
        )
    )
    assert list(by_code(carried)) == ["open", "sum", "child"]
    assert "geopoint" in notes(carried, "where")
    assert "asks nothing" in notes(carried, "start")
    assert "not in the sheet" in notes(carried, "lost")
    assert "other" in notes(carried, "open")
    assert [part in notes(carried, "sum") for part in ("calculation", "image", "default")] == [True, True, True]
    assert "switched off" in notes(carried, "off")
    assert "asked once" in notes(carried, "each")


def test_plain_labels_are_in_the_form_s_own_language_and_foreign_ones_are_told_of() -> None:
    header = ("type", "name", "label", "hint", "label::Filipino", "label::svenska")
    settings = [("form_title", "default_language"), ("Käynti", "Suomi")]
    carried = read_questionnaire(
        form(("text", "why", "Miksi ${again}?", "Lyhyesti", "Bakit?", "Varför?"), header=header, settings=settings)
    )
    (question,) = carried.draft.questions
    assert dict(question.text) == {"fi": "Miksi {answer:again}?", "sv": "Varför?"}
    assert dict(question.help) == {"fi": "Lyhyesti"}
    assert dict(carried.draft.title) == {"fi": "Käynti"}
    assert "Filipino" in notes(carried, "")


def test_an_answer_that_a_text_repeats_is_that_of_the_question_here() -> None:
    header = ("type", "name", "label")
    carried = read_questionnaire(
        form(("text", "my name", "Who?"), ("note", "n", "Hm"), ("text", "why", "Why, ${my name}?"), header=header)
    )
    second = carried.draft.questions[1]
    assert [place.answer for place in piped(second.text["en"])] == ["my_name"]
    assert dict(second.help) == {"en": "Hm"}
    assert "small print" in notes(carried, "n")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (form(header=("kind", "name")), "sheet “survey”"),
        (form(("note",)), "no question"),
        (form()[:400], "broken"),
        (b"PK\x03\x04", "broken"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "cannot be read"),
        (form(*[("text", f"q{n}", "?", "?") for n in range(5_001)]), "larger than any"),
    ],
)
def test_what_is_no_form_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(CannotExchange, match=says):
        read_questionnaire(data)


@given(st.text(max_size=80))
def test_no_condition_makes_it_stumble(text: str) -> None:
    read_relevant(text)
    read_relevant("${a}" + text)


@given(st.lists(st.lists(st.text("abc{}$()=<>'. _:01", max_size=12), max_size=8), max_size=4))
def test_no_cell_makes_it_stumble(rows: list[list[str]]) -> None:
    with suppress(CannotExchange):
        read_questionnaire(form(("range", "a", "A", "A"), *rows, *[["text", *row] for row in rows]))
