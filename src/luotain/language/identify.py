"""Which language a text is written in.

The identifier (py3langid, the maintained langid.py; Lui & Baldwin 2012) is asked among the languages that
Luotain speaks and the neighbours that would otherwise be taken for them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

#: what Luotain speaks, and what is told apart from it
SPOKEN = ("fi", "sv", "en")
_NEIGHBOURS = ("et", "no", "nb", "da", "de", "fr", "es", "it", "nl", "pt", "ru", "pl", "lv", "lt")
_FEWEST_LETTERS = 12
_LEAST_CONFIDENCE = 0.7
_ENOUGH_TEXT = 600


@cache
def _identifier() -> Any:
    # Loaded when first needed: the model takes a fifth of a second and 20 MB.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(set(SPOKEN + _NEIGHBOURS) & set(identifier.labels))
    return identifier


def identify(text: str) -> str:
    """Return the language of ``text`` as a two-letter code, "" where it cannot be told.

    "" is the answer for a text of fewer than 12 letters and for one of which the identifier is less than
    70 % sure. Only the first 600 characters are read.
    """
    if len(text) < _FEWEST_LETTERS:
        return ""
    start = text[:_ENOUGH_TEXT]
    if sum(map(str.isalpha, start)) < _FEWEST_LETTERS:
        return ""
    language, confidence = _identifier().classify(start)
    return str(language) if confidence >= _LEAST_CONFIDENCE else ""
