"""A text for people that is made where nobody knows the reader's language yet.

A :class:`Said` is its English text, and remembers the template and the values it was made of, so that a page can say
it in any language, now or years later from the database. ``tools/messages.py`` collects the templates for
translation. Write whole sentences: a template must make sense to a translator who sees nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

#: a whole number is written in the reader's manner ("20,000", "20 000"); a text stands as it is, or is said in turn
Value = str | int

_Said = TypeVar("_Said", bound="Said")


class Said(str):
    """A text with placeholders like ``%(name)s`` and their values; as a string it is English.

    ``Said("there is no file %(name)s: check the path", name="a.csv")``
    """

    __slots__ = ("many", "text", "values")
    text: str
    #: the template for more than one, "" where the text counts nothing
    many: str
    values: dict[str, Value]

    def __new__(cls: type[_Said], text: str, /, **values: Value) -> _Said:
        return _made(cls, text, "", values)

    @classmethod
    def counted(cls: type[_Said], one: str, many: str, /, *, count: int, **values: Value) -> _Said:
        """Return a text that counts something: ``one`` is the template for 1, ``many`` for all other numbers."""
        return _made(cls, one, many, {"count": count, **values})

    @classmethod
    def lines(cls: type[_Said], parts: Iterable[Said]) -> _Said:
        """Return several texts as one, each on its own line."""
        values: dict[str, Value] = {f"line{place}": part for place, part in enumerate(parts)}
        return _made(cls, "\n".join(f"%({name})s" for name in values), "", values)

    def stored(self) -> dict[str, Any]:
        """Return it as JSON values, to be read again by :func:`restored`."""
        values = {name: value.stored() if isinstance(value, Said) else value for name, value in self.values.items()}
        return {"text": self.text, **({"many": self.many} if self.many else {}), "values": values}

    def __reduce__(self) -> tuple[Callable[[dict[str, Any]], Said], tuple[dict[str, Any]]]:
        return restored, (self.stored(),)


def restored(stored: dict[str, Any]) -> Said:
    """Return the text that :meth:`Said.stored` made into JSON."""
    values = {name: restored(value) if isinstance(value, dict) else value for name, value in stored["values"].items()}
    return _made(Said, stored["text"], stored.get("many", ""), values)


def as_said(text: str) -> Said:
    """Return ``text`` itself, or, for one that was never to be translated (a plugin's), a text that stays as it is."""
    return text if isinstance(text, Said) else _made(Said, "%(text)s", "", {"text": text})


def _made(kind: type[_Said], text: str, many: str, values: dict[str, Value]) -> _Said:
    template = many if many and values["count"] != 1 else text
    shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
    made = str.__new__(kind, template % shown)
    made.text, made.many, made.values = text, many, values
    return made
