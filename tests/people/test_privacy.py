"""Personal data inside free text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luotain.people.privacy import Personal, mask, mask_identity_codes, mask_in_json


@pytest.mark.parametrize("code", ["131052-308T", "131052−308T", "131052Y308T", "131052A308T", "131052-308t"])
def test_identity_codes_of_every_century_sign_are_masked(code: str) -> None:
    assert mask_identity_codes(f"Hetuni on {code}, kiitos.") == f"Hetuni on {'█' * 11}, kiitos."


@pytest.mark.parametrize("text", ["131052-308X", "991399-308T", "tilaus 131052-3081", "x131052-308T", "KU123 1.2.2026"])
def test_what_only_looks_like_an_identity_code_is_left_alone(text: str) -> None:
    assert mask_identity_codes(text) == text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("aino.virtanen@example.org", Personal.EMAIL),
        ("+358 40 123 4567", Personal.PHONE),
        ("040 1234567", Personal.PHONE),
        ("FI2112345600000785", Personal.IBAN),
        ("4111 1111 1111 1111", Personal.CARD),
    ],
)
def test_contact_and_payment_details_are_masked_for_the_stream(text: str, kind: Personal) -> None:
    masked = mask(f"Soita: {text} heti")
    assert [find[0] for find in masked.found] == [kind]
    assert masked.text == f"Soita: {'█' * len(text)} heti"


@pytest.mark.parametrize(
    "text", ["Lento 2026-01-05 klo 12.30", "Tilaus 12345678", "Hinta 1 250 000 e", "1234567890123456"]
)
def test_dates_amounts_and_order_numbers_stay_readable(text: str) -> None:
    assert mask(text).text == text


@given(st.text(max_size=300))
def test_masking_keeps_the_length_and_is_done_once(text: str) -> None:
    once = mask(text)
    assert len(once.text) == len(text)
    assert mask(once.text).text == once.text


def test_a_body_full_of_identity_codes_is_masked_in_one_pass() -> None:
    body = "Asiakas 010190-123M soitti. " * 50_000
    masked = mask_in_json(body)
    assert len(masked) == len(body)
    assert "010190" not in masked
    # a pass for each of them would take hours
    assert len(mask(body, (Personal.IDENTITY_CODE,)).found) == 50_000


def test_an_identity_code_in_json_is_masked_when_its_sign_is_an_escape() -> None:
    assert "123M" not in mask_in_json(r'{"said": "010190\u2212123M"}')
    assert mask_in_json(r'{"order": "7\u2212123"}') == r'{"order": "7\u2212123"}'
