"""Filling a form: which questions stand on a page, whether more may follow, and what no longer counts.

Pages are asked for one after the other, and what comes next depends on what has been told. A respondent may go back
and change her mind: then answers to questions that she is no longer asked do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from luotain.listen.branching import looks_at, shown
from luotain.listen.questionnaire import Item, clean_text, pages
from luotain.terms import QuestionKind


@dataclass(frozen=True, slots=True)
class FormPage:
    """One page of a form, as it stands for what has been told so far."""

    items: tuple[Item, ...]
    #: from 1
    number: int
    #: how many pages there are now
    count: int
    #: whether another page follows, or may follow because of what is told on this one
    more: bool


def page_at(items: Sequence[Item], told: Mapping[str, str], number: int, *, seed: str = "") -> FormPage:
    """Return a page of a form; a number that is none leads to the nearest page.

    Parameters
    ----------
    items
        All questions, in order; at least one.
    told
        What has been told so far, as :func:`luotain.listen.questionnaire.read` takes it.
    number
        Which page, from 1.
    seed
        As for :func:`luotain.listen.questionnaire.pages`.
    """
    laid = pages(items, told, seed=seed)
    number = min(max(number, 1), len(laid))
    here = laid[number - 1]
    return FormPage(here, number, len(laid), number < len(laid) or _may_grow(items, told, here))


def _may_grow(items: Sequence[Item], told: Mapping[str, str], here: Sequence[Item]) -> bool:
    """Tell whether what is told on this page can bring up a question that is hidden now."""
    asked = {item.code for item in shown(items, told)}
    undecided = {item.code for item in here}
    return any(item.code not in asked and undecided & set(looks_at(item.condition)) for item in items)


def told_with(told: Mapping[str, str], here: Iterable[Item], fields: Mapping[str, str]) -> dict[str, str]:
    """Return what has been told when the page ``here`` is told as ``fields``: what it said before is replaced."""
    codes = {item.code for item in here}
    kept = {name: value for name, value in told.items() if owner(name) not in codes}
    return kept | {name: value for name, value in fields.items() if owner(name) in codes and value.strip()}


def no_longer_asked(items: Sequence[Item], told: Mapping[str, str]) -> frozenset[str]:
    """Return the codes of the questions that are not asked, given what has been told."""
    return frozenset(item.code for item in items) - {item.code for item in shown(items, told)}


def first_gap(items: Sequence[Item], told: Mapping[str, str]) -> int | None:
    """Return the number of the first page on which a required answer is missing; ``None`` when nothing is missing."""
    for number, page in enumerate(pages(items, told), 1):
        if any(item.required and not _answered(item, told) for item in page):
            return number
    return None


def _answered(item: Item, told: Mapping[str, str]) -> bool:
    if item.kind == QuestionKind.CONTACT:
        return True  # a wish is never required
    if item.kind == QuestionKind.MULTI:
        return any(told.get(f"{item.code}.{option}", "").strip() for option in item.options)
    if item.kind == QuestionKind.MATRIX:
        return all(told.get(f"{item.code}.{row}", "").strip() for row in item.rows)
    return bool(told.get(item.code, "").strip())


def owner(field: str) -> str:
    """Return the code of the question that a field, or an answer, belongs to: ``reasons`` for ``reasons.price``."""
    return field.partition(".")[0]


def unsaid(items: Sequence[Item], told: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """Return the words of ``fields`` that are not among what was ``told``: what would be lost if they were left out."""
    written = [item.code for item in items if item.kind in (QuestionKind.TEXT, QuestionKind.IMPROVEMENT)]
    words = {code: clean_text(fields.get(code, "")) for code in written}
    return {code: text for code, text in words.items() if text and text != clean_text(told.get(code, ""))}
