"""The words of a text in their base forms: "lennolla", "lennot" and "lentojen" are one word.

Base forms come from simplemma's dictionaries, read in place and not unpacked: a second and fifty megabytes for a
language, at the first word of it. A word that no dictionary knows, and a text in a language without one, stay as
they are written.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, Final

#: letters, with hyphens and apostrophes between them; what has digits in it is a number or a code
_WORD: Final = re.compile(r"(?<!\w)[^\W\d_]+(?:[-'’][^\W\d_]+)*(?!\w)")
#: a single letter is an initial or a slip
_SHORTEST: Final = 2


#: base forms that hold sentences together and say nothing by themselves
_SMALL: Final = """
    ja eli tai vai mutta vaan sekä että jotta koska kun kuin jos vaikka niin näin siis myös vielä jo nyt sitten vain
    olla se tämä tuo joka mikä kuka joku jokin hän he minä sinä me te itse muu toinen sama oma ei en et emme ette eivät
    jälkeen kanssa ennen asti mukaan kautta takia
    och eller men att som en ett den det de denna detta dessa i på av till från för med om vid under efter utan så när
    då där här nu inte jag du han hon vi ni man min din sin vår er vara bli ha kunna skola vilja också bara än
    the an and or but if that this these those of to in on at by for with from as is be was were have has had do did
    it its you he she we they my your his her our their me us them not no so than then there here when what which who
    will would can could just also very
"""
SMALL_WORDS: Final = frozenset(_SMALL.split())


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
