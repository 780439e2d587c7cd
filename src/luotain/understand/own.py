"""A company's own measures: declared over answers that are counted already, by a rule that puts each in one class.

A declaration never touches a published measure: it makes a figure of its own name. Its scale is part of it, so answers
on another scale are left out and told of. Every value of the scale falls in exactly one class, half-steps between its
steps too: the bottom reaches up to its limit, the top begins at its own, and all that lies between is the middle.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from luotain.language.said import Said
from luotain.plugins import Measure, load, names
from luotain.terms import LANGUAGES, SCALES, OwnKind, Scale
from luotain.understand.kinds import Mean, NetShare, TopShare

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
_LONGEST_NAME: Final = 80
_FIELDS: Final = ("code", "kind", "answers", "scale", "bottom_to", "top_from", "name")
#: the thresholds that each kind has
_THRESHOLDS: Final[Mapping[str, tuple[str, ...]]] = {
    OwnKind.MEAN: (),
    OwnKind.SHARE: ("top_from",),
    OwnKind.NET: ("bottom_to", "top_from"),
}


class WrongDeclaration(Exception):
    """A declaration that makes no measure; ``field`` is the part that is wrong, ``said`` why and what helps."""

    def __init__(self, field_: str, said: Said) -> None:
        super().__init__(str(said))
        self.field, self.said = field_, said


@dataclass(frozen=True, slots=True)
class Declaration:
    """One measure as a company declares it."""

    code: str
    kind: str
    #: the measure whose answers are counted
    answers: str
    #: code of the scale that the thresholds are on; answers on another are left out
    scale: str
    #: the highest value of the bottom class and the lowest of the top one; ``None`` where the kind has no such class
    bottom_to: float | None = None
    top_from: float | None = None
    #: what it is called, by language
    name: Mapping[str, str] = field(default_factory=dict)

    def measure(self) -> Measure:
        """Return what counts it."""
        if self.kind == OwnKind.NET and self.bottom_to is not None and self.top_from is not None:
            return NetShare(self.answers, self.scale, bottom_to=self.bottom_to, top_from=self.top_from)
        if self.kind == OwnKind.SHARE and self.top_from is not None:
            return TopShare(self.answers, self.scale, top_from=self.top_from)
        return Mean(self.answers, self.scale)

    def rule(self) -> dict[str, Any]:
        """Return all but its code and name as JSON values, to be read again by :func:`own_rule`."""
        return {
            "kind": str(self.kind), "answers": self.answers, "scale": self.scale, "bottom_to": self.bottom_to,
            "top_from": self.top_from,
        }  # fmt: skip

    def classes(self, scale: Scale) -> tuple[Class, ...]:
        """Return the classes of its scale, the lowest first; together they hold every value, and none twice."""
        bottom, top = self.bottom_to, self.top_from
        found = [Class("bottom", scale.low, bottom)] if bottom is not None else []
        if top is None:
            return (Class("all", scale.low, scale.high),)
        if bottom is None or top - bottom > 0:
            found.append(Class("middle", scale.low if bottom is None else bottom, top, bottom is not None, True))
        return (*found, Class("top", top, scale.high))


@dataclass(frozen=True, slots=True)
class Class:
    """Values that count alike: from ``low`` to ``high``, the ends themselves left out where it is open there."""

    name: str
    low: float
    high: float
    open_low: bool = False
    open_high: bool = False

    def holds(self, value: float) -> bool:
        """Tell whether a value belongs to it."""
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below

    def steps(self, scale: Scale) -> tuple[float, ...]:
        """Return the steps of the scale that it holds; none, where only half-steps can fall into it."""
        count = round((scale.high - scale.low) / scale.step)
        every = (scale.low + at * scale.step for at in range(count + 1))
        return tuple(value for value in every if self.holds(value))


def own_rule(text: str) -> Measure:
    """Return the measure of a rule that :meth:`Declaration.rule` wrote."""
    return Declaration(code="", **json.loads(text)).measure()


def declaration_of(code: str, name: Mapping[str, str], rule: Mapping[str, Any]) -> Declaration:
    """Return a declaration from what is kept of it."""
    return Declaration(code=code, name=dict(name), **rule)


def declared(
    told: Mapping[str, Any], *, scales: Mapping[str, Scale], answered: Mapping[str, Collection[str]]
) -> Declaration:
    """Return the declaration that a form or a file tells, or refuse it.

    Parameters
    ----------
    told
        ``code``, ``kind`` (mean, share, net), ``answers``, ``scale``, ``bottom_to``, ``top_from``, and ``name`` by
        language.
    scales
        The scales that are known, by code.
    answered
        Measures that have been answered, and the scales of the answers.

    Raises
    ------
    WrongDeclaration
        Naming the field and the remedy.
    """
    unknown = sorted(set(told) - set(_FIELDS))
    if unknown:
        raise WrongDeclaration(
            unknown[0], Said("%(field)s is not known; known are %(known)s", field=unknown[0], known=", ".join(_FIELDS))
        )
    code = _code(told)
    kind = str(told.get("kind", ""))
    if kind not in set(OwnKind):
        raise WrongDeclaration("kind", Said("choose one of these kinds: %(known)s", known=", ".join(OwnKind)))
    answers = _answers(code, told, answered)
    scale = _scale(told, answers, scales, answered)
    bottom, top = _thresholds(kind, told, scale)
    return Declaration(code, kind, answers, scale.code, bottom, top, _name(told))


def _code(told: Mapping[str, Any]) -> str:
    code = str(told.get("code", ""))
    if not _CODE.fullmatch(code):
        raise WrongDeclaration(
            "code", Said("write small letters a–z, digits and underscores, from 2 to 40 of them, a letter first")
        )
    if code in names("luotain.measures"):
        raise WrongDeclaration(
            "code", Said("%(code)s is a published measure, whose rule stands: choose another code", code=code)
        )
    return code


def _answers(code: str, told: Mapping[str, Any], answered: Mapping[str, Collection[str]]) -> str:
    answers = str(told.get("answers", ""))
    if answers not in answered:
        known = ", ".join(sorted(answered)) or "–"
        raise WrongDeclaration(
            "answers", Said("nobody has answered %(name)s; answered are %(known)s", name=answers or "–", known=known)
        )
    if answers in names("luotain.measures"):
        measure: Measure = load("luotain.measures", answers)
        if measure.parts or measure.by_feedback:
            raise WrongDeclaration(
                "answers", Said("%(name)s is not one number on one scale: choose a rating", name=answers)
            )
    if code in answered and code != answers:
        raise WrongDeclaration(
            "code", Said("there are answers to %(code)s already: choose another code, or count those", code=code)
        )
    return answers


def _scale(
    told: Mapping[str, Any], answers: str, scales: Mapping[str, Scale], answered: Mapping[str, Collection[str]]
) -> Scale:
    code, used = str(told.get("scale", "")), sorted(answered[answers])
    if not code and len(used) == 1:
        code = used[0]
    if code not in used:
        raise WrongDeclaration(
            "scale",
            Said("the answers to %(name)s are on %(used)s: choose one of these", name=answers, used=", ".join(used)),
        )
    return scales.get(code) or SCALES[code]


def _thresholds(kind: str, told: Mapping[str, Any], scale: Scale) -> tuple[float | None, float | None]:
    wanted = _THRESHOLDS[kind]
    found: dict[str, float | None] = {"bottom_to": None, "top_from": None}
    for each in found:
        value = told.get(each)
        if each not in wanted and value is not None:
            raise WrongDeclaration(each, Said("a measure of this kind has no such limit: leave it out"))
        if each in wanted:
            found[each] = _step(each, value, scale)
    bottom, top = found["bottom_to"], found["top_from"]
    if bottom is not None and top is not None and bottom >= top:
        raise WrongDeclaration("top_from", Said("the top must begin above the bottom, so that no answer is in both"))
    if top is not None and top == scale.low:
        raise WrongDeclaration("top_from", Said("then every answer is in the top: begin higher"))
    if bottom is not None and bottom == scale.high:
        raise WrongDeclaration("bottom_to", Said("then every answer is in the bottom: end lower"))
    return bottom, top


def _step(name: str, value: Any, scale: Scale) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not scale.contains(value):
        raise WrongDeclaration(
            name,
            Said(
                "give a step of the scale, from %(low)s to %(high)s, %(step)s apart",
                low=f"{scale.low:g}", high=f"{scale.high:g}", step=f"{scale.step:g}",
            ),
        )  # fmt: skip
    return float(value)


def _name(told: Mapping[str, Any]) -> dict[str, str]:
    name = told.get("name")
    if not isinstance(name, Mapping) or not all(isinstance(text, str) for text in name.values()):
        raise WrongDeclaration("name", Said("give its name by language: fi, sv or en"))
    kept = {language: text.strip() for language, text in name.items() if text.strip()}
    wrong = [each for each in kept if each not in LANGUAGES]
    if wrong or not kept:
        raise WrongDeclaration("name", Said("give its name by language: fi, sv or en"))
    if any(len(text) > _LONGEST_NAME for text in kept.values()):
        raise WrongDeclaration("name", Said("a name has at most %(most)s characters", most=_LONGEST_NAME))
    return kept


def declarations_in(text: str) -> Sequence[Mapping[str, Any]]:
    """Return what a file in TOML declares, one table ``[[measure]]`` for each measure.

    Raises
    ------
    WrongDeclaration
        Where it is not TOML, or holds anything else.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongDeclaration("file", Said("this is not TOML: %(why)s", why=str(error))) from error
    listed = told.get("measure")
    if set(told) != {"measure"} or not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise WrongDeclaration("file", Said("write one table [[measure]] for each measure, and nothing else"))
    return listed
