"""Hints on a text before it goes out."""

from __future__ import annotations

import pytest

from luotain.language.plain import check
from luotain.respond.dialogue import drafts
from luotain.terms import PlainHint

GOOD = {
    "fi": "Hei Maija,\n\nkiitos, että kerroit. Olen pahoillani odotuksesta. Palautamme rahat huomenna.",
    "sv": "Hej Maija,\n\ntack för att du berättade. Jag är ledsen över väntan. Du får pengarna i morgon.",
    "en": "Hello Maija,\n\nthank you for telling us. I am sorry about the wait. We will return your money tomorrow.",
}


def kinds(text: str, language: str) -> set[PlainHint]:
    return {hint.kind for hint in check(text, language)}


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_warm_plain_reply_gets_no_hints(language: str) -> None:
    assert check(GOOD[language], language) == ()


@pytest.mark.parametrize(
    ("language", "text"),
    [("fi", "Asia on käsitelty."), ("sv", "Saken har behandlats."), ("en", "The matter has been dealt with.")],
)
def test_a_curt_reply_lacks_thanks_an_apology_and_the_next_step(language: str, text: str) -> None:
    assert kinds(text, language) == {PlainHint.NO_THANKS, PlainHint.NO_APOLOGY, PlainHint.NO_NEXT_STEP}


def test_a_later_reply_need_not_thank_and_apologise_again() -> None:
    assert check("Lentosi on nyt siirretty.", "fi", expect_apology=False) == ()


def test_a_long_sentence_is_shown_itself_and_a_short_one_is_not() -> None:
    long = " ".join(["sana"] * 21) + "."
    hints = check(f"Lyhyt virke. {long} Toinen lyhyt.", "fi", expect_apology=False)
    assert [(hint.kind, hint.passage) for hint in hints] == [(PlainHint.LONG_SENTENCE, long)]
    assert check(" ".join(["sana"] * 20) + ".", "fi", expect_apology=False) == ()


@pytest.mark.parametrize(
    ("language", "text", "passage"),
    [
        ("fi", "Reklamaatiosi on saapunut.", "reklamaatiosi"),
        ("sv", "Din reklamation har kommit.", "reklamation"),
        ("en", "Your ticket was escalated.", "escalated"),
    ],
)
def test_in_house_words_are_found_in_their_inflected_forms(language: str, text: str, passage: str) -> None:
    found = [hint for hint in check(text, language) if hint.kind == PlainHint.JARGON]
    assert passage in {hint.passage for hint in found}


@pytest.mark.parametrize(
    ("language", "text"),
    [("fi", "Olisit voinut lukea ehdot."), ("sv", "Du borde ha läst villkoren."), ("en", "You should have read it.")],
)
def test_wording_that_blames_the_customer_is_noticed(language: str, text: str) -> None:
    assert PlainHint.BLAMING in kinds(text, language)


def test_our_own_word_list_is_used_and_a_word_inside_another_is_not_found() -> None:
    hints = check("PNR-tunnus puuttuu.", "fi", own_words={"pnr": "varaustunnus"}, expect_apology=False)
    assert [(hint.passage, hint.instead) for hint in hints] == [("pnr", "varaustunnus")]
    assert check("Kapnro.", "fi", own_words={"pnr": ""}, expect_apology=False) == ()


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("formal", [True, False])
def test_our_own_drafts_pass_our_own_check(language: str, formal: bool) -> None:
    for draft in drafts(language, formal=formal, name="Maija", agent="Aino", organization="Kurki"):
        wrong = kinds(draft.text, language)
        assert not wrong & {PlainHint.NO_THANKS, PlainHint.NO_APOLOGY, PlainHint.NO_NEXT_STEP, PlainHint.BLAMING}
