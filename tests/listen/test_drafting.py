"""What is looked at before a questionnaire is published."""

from __future__ import annotations

from dataclasses import replace

import pytest

from luotain.language.address import Address, address_in
from luotain.listen.branching import Clause, Condition, Op
from luotain.listen.drafting import Draft, DraftQuestion, Remark, check, publishable, rating_of
from luotain.listen.instruments import READY_MADE, ReadyInstrument, ReadyQuestion, address_as
from luotain.listen.questionnaire import Item
from luotain.terms import LANGUAGES, SCALES, Anonymity, QuestionKind


def texts(word: str) -> dict[str, str]:
    return dict.fromkeys(LANGUAGES, word)


NPS = DraftQuestion(
    Item("nps", QuestionKind.SCORE, "nps", SCALES["nps_0_10"], options=("0", "10"), required=True),
    texts("How likely?"),
    options=(("0", texts("Not at all")), ("10", texts("Extremely"))),
)
STORY = DraftQuestion(Item("story", QuestionKind.TEXT), texts("What happened?"))
DRAFT = Draft(texts("How did we do?"), LANGUAGES, (NPS, STORY), thanks=texts("Thank you"))


def asked(item: Item, **more: object) -> Draft:
    return replace(DRAFT, questions=(NPS, DraftQuestion(item, texts("?"), **more)))  # type: ignore[arg-type]


def blocking(draft: Draft, **rules: object) -> list[tuple[str, str]]:
    found = check(draft, **rules)  # type: ignore[arg-type]
    return [(remark.question, remark.field) for remark in found if remark.blocking]


def of_ready(ready: ReadyInstrument, *, formal: bool) -> Draft:
    def question(asked: ReadyQuestion) -> DraftQuestion:
        options = tuple((code, address_as(words, formal=formal)) for code, words in asked.options)
        rows = {code: measure for code, measure, _ in asked.rows}
        item = Item(
            asked.code, asked.kind, asked.measure, SCALES[asked.scale] if asked.scale else None,
            tuple(code for code, _ in options), asked.required, rows, asked.condition, most=asked.most,
        )  # fmt: skip
        row_texts = tuple((code, address_as(words, formal=formal)) for code, _, words in asked.rows)
        return DraftQuestion(
            item, address_as(asked.text, formal=formal), address_as(asked.help, formal=formal), options, row_texts
        )

    return Draft(
        address_as(ready.title, formal=formal),
        LANGUAGES,
        tuple(question(row) for row in ready.questions),
        address_as(ready.intro, formal=formal),
        address_as(ready.thanks, formal=formal),
        ready.anonymity,
    )


def test_a_questionnaire_in_order_has_no_remarks() -> None:
    assert check(DRAFT) == ()


@pytest.mark.parametrize("formal", [False, True])
@pytest.mark.parametrize("ready", READY_MADE, ids=lambda ready: ready.code)
def test_the_ready_instruments_speak_in_one_way_and_could_be_published(ready: ReadyInstrument, formal: bool) -> None:
    assert check(of_ready(ready, formal=formal), formal=formal) == ()


def test_a_text_that_lacks_a_language_is_named_with_its_question_and_field() -> None:
    lame = replace(
        NPS, text={"fi": "a", "en": "b", "sv": " "}, options=(("0", texts("x")), ("10", {"fi": "y", "sv": "z"}))
    )
    found = check(replace(DRAFT, title={"fi": "a", "en": "b"}, questions=(lame, replace(STORY, help={"fi": "c"}))))
    assert [(r.question, r.field, r.language) for r in found] == [
        ("", "title", "sv"),
        ("nps", "text", "sv"),
        ("nps", "option:10", "en"),
        ("story", "help", "sv"),
        ("story", "help", "en"),
    ]
    assert not publishable(found)
    assert found[1].said == "the text of “nps” is missing in Swedish"


def test_a_language_that_is_not_asked_in_is_not_missed() -> None:
    assert check(replace(DRAFT, title={"fi": "a"}, languages=("fi",), thanks={"fi": "c"})) == ()


@pytest.mark.parametrize(
    ("item", "field"),
    [
        (Item("x", QuestionKind.SCORE, "speed"), "scale"),
        (Item("x", QuestionKind.SCORE, "", SCALES["agree_1_5"]), "measure"),
        (Item("x", QuestionKind.SCORE, "nps", SCALES["agree_1_5"]), "scale"),
        (Item("x", QuestionKind.EMOTION, "joyfulness", SCALES["emotion_1_5"]), "measure"),
        (Item("x", QuestionKind.TEXT, "speed"), "measure"),
        (Item("x", QuestionKind.MATRIX, "speed", SCALES["agree_1_5"]), "rows"),
        (Item("x", QuestionKind.MATRIX, "", SCALES["agree_1_5"], rows={"a": ""}), "measure"),
        (Item("x", QuestionKind.MATRIX, "", SCALES["agree_1_5"], rows={"a": "ces"}), "scale"),
        (Item("x", QuestionKind.CHOICE, options=("one",)), "options"),
        (Item("x", QuestionKind.MULTI, options=("a", "b"), most=0), "most"),
        (Item("x", QuestionKind.CHOICE, options=("a", "b"), most=2), "most"),
        (Item("x", QuestionKind.SCORE, "speed", SCALES["agree_1_5"], options=("9",)), "options"),
        (Item("x", QuestionKind.MULTI, options=("a", "y" * 59)), "options"),
        (Item("x", QuestionKind.FILE, required=True), "required"),
        (Item("x", QuestionKind.TEXT, condition=Condition((Clause("gone", Op.ANSWERED),))), "condition"),
    ],
)
def test_what_cannot_be_asked_or_measured_is_named(item: Item, field: str) -> None:
    assert blocking(asked(item)) == [("x", field)]


def test_the_same_code_twice_is_named_for_questions_and_choices() -> None:
    assert ("story", "code") in blocking(replace(DRAFT, questions=(NPS, STORY, STORY)))
    assert blocking(asked(Item("x", QuestionKind.CHOICE, options=("a", "b", "a")))) == [("x", "options")]
    table = Item("x", QuestionKind.MATRIX, "speed", SCALES["agree_1_5"], rows={"a": ""})
    assert blocking(asked(table, rows=(("a", texts("A")), ("a", texts("B"))))) == [("x", "rows")]


@pytest.mark.parametrize(
    ("promised", "now", "refused"),
    [
        (Anonymity.ANONYMOUS, Anonymity.CONFIDENTIAL, True),
        (Anonymity.CONFIDENTIAL, Anonymity.IDENTIFIED, True),
        (Anonymity.IDENTIFIED, Anonymity.ANONYMOUS, False),
        (Anonymity.ANONYMOUS, Anonymity.ANONYMOUS, False),
        (None, Anonymity.IDENTIFIED, False),
    ],
)
def test_a_promise_of_anonymity_is_never_weakened(promised: Anonymity | None, now: Anonymity, refused: bool) -> None:
    assert (("", "anonymity") in blocking(replace(DRAFT, anonymity=now), promised=promised)) is refused


def test_what_a_text_takes_in_must_be_known_by_then() -> None:
    early = replace(NPS, text=texts("{answer:story} at {touchpoint}"))
    found = check(replace(DRAFT, questions=(early, STORY)))
    assert {(r.question, r.field, r.blocking) for r in found} == {("nps", "text", True)}
    assert check(replace(DRAFT, questions=(NPS, replace(STORY, text=texts("You gave {answer:nps}. Why?"))))) == ()


def test_an_answer_that_may_be_missing_is_pointed_out_unless_the_condition_asks_for_it() -> None:
    last = DraftQuestion(Item("last", QuestionKind.TEXT), texts("You wrote {answer:story}"))
    found = check(replace(DRAFT, questions=(NPS, STORY, last)))
    assert {(r.question, r.blocking) for r in found} == {("last", False)}
    sure = replace(last, item=replace(last.item, condition=Condition((Clause("story", Op.ANSWERED),))))
    assert check(replace(DRAFT, questions=(NPS, STORY, sure))) == ()


def test_a_touchpoint_that_may_be_missing_is_pointed_out() -> None:
    draft = replace(DRAFT, intro=texts("{touchpoint}"))
    assert check(draft) == ()
    assert [remark.blocking for remark in check(draft, touchpoint=False)] == [False] * 3


def test_more_than_ten_answers_are_pointed_out_with_each_row_counted() -> None:
    rows = {f"r{n}": "speed" for n in range(9)}
    table = Item("x", QuestionKind.MATRIX, scale=SCALES["agree_1_5"], rows=rows)
    assert check(asked(table)) == ()
    longer = replace(table, rows={**rows, "r9": "speed"})
    assert [(r.field, r.blocking) for r in check(asked(longer))] == [("questions", False)]


def remarks_on(text: str, language: str, *, formal: bool) -> tuple[Remark, ...]:
    return check(replace(DRAFT, intro={**texts("x"), language: text}), formal=formal)


@pytest.mark.parametrize(
    ("language", "familiar", "formal"),
    [
        ("fi", "Mitä haluat sanoa? Sinun sanasi luetaan.", "Mitä teidän mielestänne pitäisi tehdä?"),
        ("fi", "Suosittelisitko meitä?", "Suosittelisitteko meitä?"),
        ("fi", "Kiitos palautteestasi!", "Kiitos palautteestanne!"),
        ("sv", "Vad vill du säga?", "Vad vill Ni säga?"),
    ],
)
def test_the_other_form_of_address_is_pointed_out(language: str, familiar: str, formal: str) -> None:
    assert remarks_on(familiar, language, formal=False) == ()
    assert remarks_on(formal, language, formal=True) == ()
    for text, chosen in ((familiar, True), (formal, False)):
        assert [(r.field, r.language, r.blocking) for r in remarks_on(text, language, formal=chosen)] == [
            ("intro", language, False)
        ]


def test_a_choice_is_said_by_the_respondent_and_may_address_us() -> None:
    item = Item("x", QuestionKind.CHOICE, options=("a", "b"))
    options = (("a", texts("En tunne teitä")), ("b", texts("b")))
    assert check(asked(item, options=options), formal=False) == ()


def test_both_forms_in_one_text_are_said_to_be_mixed() -> None:
    [remark] = remarks_on("Kerro, mitä te haluatte", "fi", formal=False)
    assert "“te” and “Kerro”" in remark.said


@pytest.mark.parametrize(
    "text",
    [
        "Tänne ja sinne",
        "Uusi vuosi, kuusi kuukautta",
        "Aika jakaa kakku",
        "Miksi? Esimerkiksi siksi.",
        "Mikä tunne? Elämäntilanne",
    ],
)
def test_everyday_words_are_no_form_of_address(text: str) -> None:
    assert address_in(text, "fi") == {}
    assert address_in("Your Ni du te", "en") == {}


def test_the_word_that_shows_the_form_is_told() -> None:
    assert address_in("Vad tycker Ni?", "sv") == {Address.FORMAL: "Ni"}


@pytest.mark.parametrize(
    ("codes", "ends"),
    [
        (["1", "2", "3"], (1, 3, 1)), (["5", "4", "3", "2", "1"], (1, 5, 1)), (["-1", "0", "1"], (-1, 1, 1)),
        (["0", "0.5", "1"], (0, 1, 0.5)), (["1", "2", "4"], None), (["1"], None), ([], None), (["1", "1.0"], None),
        (["yes", "no"], None), (["1", "2", "nan"], None), (["1", "inf"], None),
    ],
)  # fmt: skip
def test_choices_are_a_rating_where_they_are_numbers_evenly_apart(
    codes: list[str], ends: tuple[float, float, float] | None
) -> None:
    assert rating_of(codes) == ends
