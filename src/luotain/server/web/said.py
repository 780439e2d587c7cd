"""Texts of the core in the reader's language."""

from __future__ import annotations

from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext

from luotain.language.said import Said
from luotain.server.web.numbers import number


def tell(text: str) -> str:
    """Say a text of the core in the reader's language; any other text stays as it is."""
    if not isinstance(text, Said):
        return text
    values = {name: tell(value) if isinstance(value, str) else number(value, 0) for name, value in text.values.items()}
    if text.many:
        return ngettext(text.text, text.many, int(text.values["count"])) % values
    return gettext(text.text) % values


def sentence(text: str) -> str:
    """Say it where it stands by itself: with a capital, unless it begins with a name that is written otherwise."""
    told = tell(text)
    return capfirst(told) if isinstance(text, Said) and not text.text.startswith("%(") else told
