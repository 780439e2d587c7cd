"""The words of a text in their base forms: "lennolla", "lennot" and "lentojen" are one word.

Base forms come from simplemma's dictionaries, read in place and not unpacked: a second and fifty megabytes for a
language, at the first word of it. A word that no dictionary knows, and a text in a language without one, stay as
they are written.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, Final

#: letters, with hyphens and apostrophes between them
_WORD: Final = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
#: a single letter is an initial or a slip
_SHORTEST: Final = 2


def lemmas(text: str, language: str) -> list[str]:
    """Return the words of a text in their base forms, in small letters and in their order.

    ``language`` is a two-letter code; of one without a dictionary ("" too) words stay as they are written.
    """
    known = language in _languages()
    words = (found.group().lower() for found in _WORD.finditer(text))
    return [_base(word, language) if known else word for word in words if len(word) >= _SHORTEST]


@lru_cache(maxsize=200_000)
def _base(word: str, language: str) -> str:
    return str(_lemmatizer().lemmatize(word, language)).lower()


@cache
def _lemmatizer() -> Any:
    # Loaded when first needed: the import alone takes longer than most commands.
    from simplemma import Lemmatizer
    from simplemma.strategies import DefaultStrategy
    from simplemma.strategies.dictionaries import LOW_MEMORY_DICTIONARY_FACTORY

    return Lemmatizer(lemmatization_strategy=DefaultStrategy(dictionary_factory=LOW_MEMORY_DICTIONARY_FACTORY))


@cache
def _languages() -> frozenset[str]:
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

    return frozenset(SUPPORTED_LANGUAGES)
