"""The conditions of XLSForms, as far as they compare answers one by one: ``${again} = 'no' and ${score} <= 6``.

A small part of the form's own language (ODK XForms, section "XPath expressions"): comparisons of one question with one
value, ``selected()``, ``not(selected())`` and ``string-length() > 0``, joined by ``and`` or by ``or`` alone. Whatever
else can be computed there is for a person to build again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\s*(?:(?P<question>\$\{\s*[^{}]{1,200}?\s*\})|(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>-?\d{1,15}(?:\.\d{1,9})?)"
    r"|(?P<sign><=|>=|!=|=|<|>)|(?P<word>[A-Za-z][\w-]*)|(?P<mark>[(),]))"
)
_LONGEST, _MOST_DEEP = 2_000, 10

_Token = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One question compared with one value."""

    question: str
    #: =, !=, <=, >=, <, >, or "selected" and "unselected" for a choice among several
    sign: str
    value: str


@dataclass(frozen=True, slots=True)
class Relevant:
    """Comparisons of which all must hold, or (``any_of``) at least one."""

    comparisons: tuple[Comparison, ...]
    any_of: bool = False


def read_relevant(text: str) -> Relevant | None:
    """Return what a condition compares, ``None`` where it is more than comparisons joined in one way."""
    tokens = _tokens(text)
    if not tokens:
        return None
    try:
        return _Reader(tokens).whole()
    except _TooMuch:
        return None


class _TooMuch(Exception):
    """The condition is more than this reads."""


def _tokens(text: str) -> list[_Token]:
    text = text.strip()
    found: list[_Token] = []
    place = 0
    while place < len(text) <= _LONGEST:
        token = _TOKEN.match(text, place)
        if token is None or token.lastgroup is None:
            return []
        found.append((token.lastgroup, token[token.lastgroup]))
        place = token.end()
    return found


class _Reader:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens, self._place = tokens, 0

    def whole(self) -> Relevant:
        """Read the condition to its end."""
        comparisons, joints = [self._comparison(0)], set()
        while self._place < len(self._tokens):
            joint = self._take("word")
            if joint not in ("and", "or"):
                raise _TooMuch
            joints.add(joint)
            comparisons.append(self._comparison(0))
        if len(joints) > 1:
            raise _TooMuch
        return Relevant(tuple(comparisons), any_of=joints == {"or"})

    def _comparison(self, deep: int) -> Comparison:
        kind, told = self._next()
        if kind == "question":
            return Comparison(_name(told), self._take("sign"), self._value())
        if (kind, told) == ("mark", "(") and deep < _MOST_DEEP:
            return self._closed(self._comparison(deep + 1))
        if kind == "word" and told == "selected":
            return self._selected()
        if kind == "word" and told == "not":
            self._expect("(")
            inner = self._comparison(_MOST_DEEP)
            if inner.sign != "selected":
                raise _TooMuch
            return self._closed(Comparison(inner.question, "unselected", inner.value))
        if kind == "word" and told == "string-length":
            return self._length()
        raise _TooMuch

    def _selected(self) -> Comparison:
        self._expect("(")
        question = _name(self._take("question"))
        self._expect(",")
        return self._closed(Comparison(question, "selected", self._value()))

    def _length(self) -> Comparison:
        self._expect("(")
        found = self._closed(Comparison(_name(self._take("question")), "!=", ""))
        if (self._take("sign"), self._value()) != (">", "0"):
            raise _TooMuch
        return found

    def _value(self) -> str:
        kind, told = self._next()
        if kind == "text":
            return told[1:-1]
        if kind == "number":
            return told
        raise _TooMuch

    def _closed(self, found: Comparison) -> Comparison:
        self._expect(")")
        return found

    def _expect(self, mark: str) -> None:
        if self._take("mark") != mark:
            raise _TooMuch

    def _take(self, kind: str) -> str:
        found, told = self._next()
        if found != kind:
            raise _TooMuch
        return told

    def _next(self) -> _Token:
        if self._place >= len(self._tokens):
            raise _TooMuch
        self._place += 1
        return self._tokens[self._place - 1]


def _name(told: str) -> str:
    return told[2:-1].strip()
