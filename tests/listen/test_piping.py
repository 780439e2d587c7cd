"""Words that a text takes from the respondent's own matter."""

from __future__ import annotations

from luotain.listen.piping import UNKNOWN, Piped, fill, misfilled, piped


def test_a_text_is_filled_once_and_what_is_filled_in_is_not_searched_again() -> None:
    known = {"touchpoint": "the {organization}", "organization": "North", "answer:nps": "9"}
    assert fill("You gave {answer:nps} to {touchpoint}.", known) == "You gave 9 to the {organization}."


def test_what_is_not_known_is_not_guessed() -> None:
    assert fill("You gave {answer:nps} to {touchpoint}.", {"touchpoint": ""}) == f"You gave {UNKNOWN} to {UNKNOWN}."


def test_forms_of_address_are_not_places() -> None:
    assert piped("Kerro {sinä|te} {touchpoint}") == (Piped("touchpoint"),)


def test_a_place_that_is_not_known_and_an_answer_that_comes_later_are_named() -> None:
    found = misfilled("{touchpont} {answer:nps} {answer:ces} {organization}", ["nps"])
    assert len(found) == 2
    assert "{touchpont}" in found[0]
    assert "{answer:ces}" in found[1]
