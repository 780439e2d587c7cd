"""What fits a question, how questions are laid on pages, and the instruments that ship."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luotain.listen.answering import LONGEST_TEXT
from luotain.listen.instruments import READY_MADE, address_as
from luotain.listen.questionnaire import Item, Misfit, clean_text, mixed, pages, read, suspect
from luotain.people.link import fingerprint, is_whole, make_link
from luotain.terms import LANGUAGES, OFFICIAL_SCALE, SCALES, Emotion, QuestionKind

NPS = Item("nps", QuestionKind.SCORE, "nps", SCALES["nps_0_10"], required=True)
EMOTION = Item("emotion", QuestionKind.EMOTION, "emotion", SCALES["emotion_1_5"])
STORY = Item("story", QuestionKind.TEXT)
IDEA = Item("improvement", QuestionKind.IMPROVEMENT)
CONTACT = Item("contact", QuestionKind.CONTACT)
CARD = (NPS, Item("ces", QuestionKind.SCORE, "ces", SCALES["ces_1_7"]), EMOTION, STORY, IDEA, CONTACT)


def test_a_full_card_is_read() -> None:
    told = read(
        CARD,
        {
            "nps": "10", "emotion": "joy", "emotion.intensity": "4", "story": " Good. ", "improvement": "More",
            "contact": "yes", "contact.address": "aino@example.fi",
        },
    )  # fmt: skip
    assert not told.misfits
    assert [(a.code, a.raw, a.label, a.text) for a in told.answers] == [
        ("nps", "10", "", ""), ("emotion", "4", "joy", ""), ("improvement", "", "", "More"),
    ]  # fmt: skip
    assert told.verbatim == "Good."
    assert told.identifiers == {"email": "aino@example.fi"}
    assert told.contact_wanted


@pytest.mark.parametrize("raw", ["11", "-1", "9.5", "nine", "１０", "1e1", "nan", "inf", " "])
def test_a_score_off_its_scale_or_missing_does_not_fit(raw: str) -> None:
    assert read([NPS], {"nps": raw}).misfits == {"nps": Misfit.MISSING if raw == " " else Misfit.OFF_SCALE}


@pytest.mark.parametrize(
    ("label", "strength"), [("bliss", ""), ("disgust", ""), ("joy", "6"), ("joy", "²"), ("joy", "x")]
)
def test_an_emotion_that_is_not_asked_or_too_strong_does_not_fit(label: str, strength: str) -> None:
    assert "emotion" in read([EMOTION], {"emotion": label, "emotion.intensity": strength}).misfits


def test_an_emotion_without_strength_is_not_given_one() -> None:
    answer = read([EMOTION], {"emotion": "calm"}).answers[0]
    assert (answer.label, answer.raw) == ("calm", "")


def test_a_text_that_is_too_long_does_not_fit() -> None:
    assert read([STORY], {"story": "x" * LONGEST_TEXT}).misfits == {}
    assert read([STORY], {"story": "x" * (LONGEST_TEXT + 1)}).misfits == {"story": Misfit.TOO_LONG}


@pytest.mark.parametrize(
    ("address", "known", "misfit", "kind"),
    [
        ("", False, Misfit.ADDRESS_MISSING, ""),
        ("", True, None, ""),
        ("me", False, Misfit.ADDRESS_UNCLEAR, ""),
        ("a@b", False, Misfit.ADDRESS_UNCLEAR, ""),
        ("a" * 300 + "@example.fi", False, Misfit.ADDRESS_UNCLEAR, ""),
        ("+358 (0)40-123 4567", False, None, "phone"),
        ("aino@example.fi", False, None, "email"),
    ],
)
def test_a_wish_for_contact_needs_an_address_we_can_use(
    address: str, known: bool, misfit: Misfit | None, kind: str
) -> None:
    told = read([CONTACT], {"contact": "yes", "contact.address": address}, known_customer=known)
    assert told.misfits.get("contact.address") == misfit
    assert set(told.identifiers) == ({kind} if kind else set())
    assert told.contact_wanted


def test_an_address_alone_is_a_wish_for_contact() -> None:
    assert read([CONTACT], {"contact.address": "aino@example.fi"}).contact_wanted


@given(st.dictionaries(st.sampled_from(["nps", "emotion", "emotion.intensity", "story", "contact"]), st.text()))
def test_whatever_is_sent_is_read_without_a_crash_and_every_answer_is_on_its_scale(told: dict[str, str]) -> None:
    for answer in read(CARD, told).answers:
        assert answer.scale is None or not answer.raw or answer.scale.contains(float(answer.raw))
        assert answer.raw or answer.label or answer.text


@given(st.text())
def test_cleaned_text_can_be_stored_and_cleaning_again_changes_nothing(text: str) -> None:
    clean = clean_text(text)
    clean.encode()
    assert "\x00" not in clean
    assert clean_text(clean) == clean


def test_the_first_question_stands_alone_and_a_short_form_stays_on_one_page() -> None:
    assert [[item.code for item in page] for page in pages(CARD)] == [
        ["nps"], ["ces", "emotion"], ["story", "improvement", "contact"],
    ]  # fmt: skip
    assert len(pages((NPS, STORY, CONTACT))) == 1


def test_a_machine_is_suspected_by_the_hidden_field_and_by_haste() -> None:
    assert suspect(trap="http://x", seconds=0.5) == ("honeypot", "speeder")
    assert suspect(trap="", seconds=2.0) == ()
    assert suspect(trap=" ", seconds=None) == ()


def test_every_instrument_is_whole_in_every_language_and_never_mixes_forms_of_address() -> None:
    for ready in READY_MADE:
        texts = [ready.title, ready.thanks]
        for question in ready.questions:
            texts += [
                question.text,
                *(text for _, text in question.options),
                *([question.help] if question.help else []),
            ]
            assert question.kind != QuestionKind.SCORE or (question.measure and question.scale in SCALES)
            if question.measure in OFFICIAL_SCALE:
                assert question.scale == OFFICIAL_SCALE[question.measure]
        for text in texts:
            assert set(text) == set(LANGUAGES)
            for formal in (False, True):
                assert not any(sign in said for said in address_as(text, formal=formal).values() for sign in "{|}")


def test_employees_are_asked_the_same_dimensions_as_customers_and_stay_anonymous() -> None:
    by_code = {ready.code: ready for ready in READY_MADE}
    asked = {code: {q.measure for q in by_code[code].questions if q.measure} for code in by_code}
    assert asked["employee_pulse"] - {"ces"} <= asked["relationship"]
    assert by_code["employee_pulse"].anonymity == "anonymous"
    assert QuestionKind.CONTACT not in {q.kind for q in by_code["employee_pulse"].questions}


@given(st.binary(min_size=16, max_size=16), st.data())
def test_a_link_is_whole_until_one_letter_changes(chance: bytes, data: st.DataObject) -> None:
    token = make_link(chance)
    assert is_whole(token)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from([c for c in "abcXYZ019-_" if c != token[at]]))
    # Four check letters let one change in sixteen million through, and then the link is unknown.
    assert not is_whole(token[:at] + other + token[at + 1 :])
    assert not is_whole(token[:at])
    assert len(fingerprint(token)) == 64


def test_a_link_of_too_little_chance_is_not_made() -> None:
    with pytest.raises(ValueError, match="16 random bytes"):
        make_link(b"short")


def test_every_asked_emotion_can_be_answered() -> None:
    for word in Emotion:
        assert bool(read([EMOTION], {"emotion": word.value}).answers) == word.asked


REASONS = Item("reasons", QuestionKind.MULTI, options=("price", "queue", "other"), required=True, most=2)
SERVICE = Item(
    "service", QuestionKind.MATRIX, scale=SCALES["agree_1_5"], rows={"speed": "speed", "staff": "appreciation"}
)


def test_each_pick_of_several_is_an_answer() -> None:
    told = read([REASONS], {"reasons.queue": "yes", "reasons.price": "price", "reasons.other": ""})
    assert [(a.code, a.label) for a in told.answers] == [("reasons.price", "price"), ("reasons.queue", "queue")]


@pytest.mark.parametrize(
    ("picked", "misfit"),
    [
        ((), Misfit.MISSING),
        (("rain",), Misfit.UNKNOWN_CHOICE),
        (("price", "queue", "other"), Misfit.TOO_MANY),
    ],
)
def test_picks_that_are_missing_unknown_or_too_many_do_not_fit(picked: tuple[str, ...], misfit: Misfit) -> None:
    told = read([REASONS], {f"reasons.{option}": "on" for option in picked})
    assert (told.misfits, told.answers) == ({"reasons": misfit}, ())


def test_each_row_of_a_table_is_an_answer_on_its_own_measure() -> None:
    told = read([SERVICE], {"service.speed": "4", "service.staff": "2"})
    assert [(a.code, a.measure, a.raw, a.scale) for a in told.answers] == [
        ("service.speed", "speed", "4", SCALES["agree_1_5"]),
        ("service.staff", "appreciation", "2", SCALES["agree_1_5"]),
    ]


def test_a_row_that_does_not_fit_is_named_by_its_own_field() -> None:
    assert read([SERVICE], {"service.speed": "6"}).misfits == {"service.speed": Misfit.OFF_SCALE}
    needed = Item("service", QuestionKind.MATRIX, scale=SERVICE.scale, rows=SERVICE.rows, required=True)
    assert read([needed], {"service.speed": "5"}).misfits == {"service.staff": Misfit.MISSING}


def test_only_the_story_is_the_verbatim_and_other_texts_are_answers() -> None:
    more = Item("more", QuestionKind.TEXT)
    told = read([STORY, more], {"story": "First", "more": "Second"})
    assert (told.verbatim, [(a.code, a.text) for a in told.answers]) == ("First", [("more", "Second")])
    later = read([more], {"more": "Second"}, story="story")
    assert (later.verbatim, [a.text for a in later.answers]) == ("", ["Second"])


def test_a_file_is_told_by_its_name_alone() -> None:
    photo = Item("photo", QuestionKind.FILE)
    assert read([photo], {"photo": "seat.jpg"}).answers[0].text == "seat.jpg"
    assert read([photo], {"photo": "x" * 201}).misfits == {"photo": Misfit.TOO_LONG}


def test_pages_that_the_questionnaire_names_are_kept() -> None:
    laid = [Item(code, QuestionKind.TEXT, page=page) for code, page in (("a", None), ("b", 1), ("c", 2), ("d", None))]
    assert [[item.code for item in page] for page in pages(laid)] == [["a", "b"], ["c", "d"]]


def test_questions_and_choices_are_drawn_by_lot_alike_for_the_same_seed() -> None:
    codes = ("a", "b", "c", "d", "none", "other")
    orders = {mixed(codes, f"seed{n}") for n in range(200)}
    assert mixed(codes, "seed1") == mixed(reversed(codes), "seed1")
    assert len(orders) == 24
    assert all(order[-2:] == ("other", "none") for order in orders)
    page = pages([STORY, IDEA, CONTACT], seed="x")[0]
    assert page[-1] == CONTACT
    assert {pages([STORY, IDEA, CONTACT], seed=f"{n}")[0][0].code for n in range(20)} == {"story", "improvement"}
