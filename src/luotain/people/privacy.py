"""Personal data inside free text: found with checked patterns, and masked.

Finnish personal identity codes are masked before a text is stored; addresses, numbers of phones, accounts and
cards are masked when a text is shown to more people than those who answer the customer.
Identity codes: Government Decree on the personal identity code 690/2022 (new century signs), checked by
python-stdnum.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from stdnum import iban, luhn
from stdnum.fi import hetu


class Personal(StrEnum):
    """What kind of personal data was found."""

    IDENTITY_CODE = "identity_code"
    EMAIL = "email"
    IBAN = "iban"
    CARD = "card"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with its personal data replaced by ``█`` of the same length, and what was found."""

    text: str
    #: kind and place (start, end) of each find, in order
    found: tuple[tuple[Personal, int, int], ...] = ()


_SIGN = "█"


def _is_identity_code(text: str) -> bool:
    return bool(hetu.is_valid(text.upper()) or hetu.is_valid(text.upper(), allow_temporary=True))


def _is_iban(text: str) -> bool:
    return bool(iban.is_valid(text))


def _is_card(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return 13 <= len(digits) <= 19 and bool(luhn.is_valid(digits))


def _is_phone(text: str) -> bool:
    return 7 <= len(re.sub(r"\D", "", text)) <= 15


#: kind -> pattern and the check that a match must pass, the surest first. Every quantifier is bounded.
_PATTERNS: tuple[tuple[Personal, re.Pattern[str], Callable[[str], bool]], ...] = (
    (Personal.IDENTITY_CODE, re.compile(r"(?<!\w)\d{6}[-+A-FU-Ya-fu-y−–]\d{3}[0-9A-Ya-y](?!\w)"), _is_identity_code),
    (Personal.EMAIL, re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"), lambda _: True),
    (Personal.IBAN, re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,3})?(?!\w)"), _is_iban),
    (Personal.CARD, re.compile(r"(?<![\w+])\d(?:[ -]?\d){12,18}(?!\w)"), _is_card),
    (
        Personal.PHONE,
        re.compile(
            r"(?<![\w.,/-])(?:\+|00)\d{1,3}(?:[ -]?\(?\d{1,4}\)?){2,5}(?!\w)"  # +358 40 123 4567
            r"|(?<![\w.,/-])0\d{1,3}(?:[ -]?\d{2,4}){2,3}(?![\w/-]|\.\d)"  # 040 123 4567
        ),
        _is_phone,
    ),
)
#: no identity code is without them, and few texts have them
_SIX_DIGITS = re.compile(r"\d{6}")
#: what is left of them in a long text: a sign with six digits before it and three behind, found four times as fast
_AROUND_A_SIGN = re.compile(r"[0-9][-+A-FU-Ya-fu-y−–](?<=[0-9]{6}.)[0-9]{3}")
#: an identity code in JSON, with U+2212 or U+2013 in it
_ESCAPED = re.compile(r"(?<!\w)\d{6}\\u(?:2212|2013)\d{3}[0-9A-Ya-y](?!\w)")
_SIGNS = ("\\u2212", "\\u2013")
STORED = (Personal.IDENTITY_CODE,)
SHOWN = tuple(Personal)


def mask(text: str, kinds: Iterable[Personal] = SHOWN) -> Masked:
    """Return ``text`` with the personal data of ``kinds`` masked.

    An identity code counts only with a right check character, a card and an IBAN only with theirs, so that
    order and ticket numbers stay readable.
    """
    found: list[tuple[Personal, int, int]] = []
    wanted = set(kinds)
    for kind, pattern, holds in _PATTERNS:
        if kind not in wanted:
            continue
        # One pass over the text, however much there is to mask: what stands for a find is as long as the find.
        text = pattern.sub(_masking(kind, holds, found), text)
    return Masked(text, tuple(sorted(found, key=lambda find: find[1])))


def _masking(
    kind: Personal, holds: Callable[[str], bool], found: list[tuple[Personal, int, int]]
) -> Callable[[re.Match[str]], str]:
    def masked(match: re.Match[str]) -> str:
        told = match.group()
        if not holds(told.replace("−", "-").replace("–", "-")):
            return told
        found.append((kind, match.start(), match.end()))
        return _SIGN * len(told)

    return masked


def mask_identity_codes(text: str) -> str:
    """Return ``text`` as it may be stored: without Finnish personal identity codes."""
    if not _SIX_DIGITS.search(text) or not _AROUND_A_SIGN.search(text):
        return text
    return mask(text, STORED).text


def mask_in_json(text: str) -> str:
    """Return JSON as it may be stored: without identity codes, those whose sign is written as an escape included."""
    masked = mask_identity_codes(text)
    if not any(sign in masked for sign in _SIGNS):
        return masked
    return _ESCAPED.sub(lambda match: _SIGN * len(match.group()), masked)


def storable(text: str) -> str:
    """Return ``text`` as it can be stored: no identity codes, and nothing that a database refuses."""
    if not text:
        return ""
    if not text.isascii() or "\x00" in text:
        text = text.replace("\x00", "").encode("utf-8", "replace").decode()
    return mask_identity_codes(text)
