"""What is looked at before a questionnaire is published: its languages, measures, conditions, words and length.

Everything here is said by name (question, field, language), so that whoever reads it can mend it. A blocking remark
keeps the questionnaire from being published; the others are for a person to judge.

Sources: that a measure belongs to one scale, :data:`luotain.terms.OFFICIAL_SCALE`; that people tire of long
questionnaires, Galesic & Bosnjak (2009), *Effects of Questionnaire Length on Participation and Indicators of Response
Quality in a Web Survey*, Public Opinion Quarterly 73(2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite

from luotain.language.address import Address, address_in
from luotain.language.said import Said
from luotain.listen.branching import looks_at, misplaced, points
from luotain.listen.piping import Place, misfilled, piped
from luotain.listen.questionnaire import Item
from luotain.terms import LANGUAGES, OFFICIAL_SCALE, Anonymity, MeasureName, QuestionKind

Texts = Mapping[str, str]

#: more than so many answers, and people leave or stop reading
LONG = 10
#: an answer's code, "question.choice", fits in so many characters
_LONGEST_CODE = 60
_CHOSEN = (QuestionKind.CHOICE, QuestionKind.MULTI)
#: the promises of anonymity, from the weakest to the strongest
PROMISES = (Anonymity.IDENTIFIED, Anonymity.CONFIDENTIAL, Anonymity.ANONYMOUS)
_LANGUAGE = {"fi": Said("Finnish"), "sv": Said("Swedish"), "en": Said("English")}


@dataclass(frozen=True, slots=True)
class DraftQuestion:
    """A question with its texts."""

    item: Item
    text: Texts
    help: Texts = field(default_factory=dict)
    options: tuple[tuple[str, Texts], ...] = ()
    rows: tuple[tuple[str, Texts], ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A questionnaire that somebody wants to publish."""

    title: Texts
    languages: tuple[str, ...]
    questions: tuple[DraftQuestion, ...]
    intro: Texts = field(default_factory=dict)
    thanks: Texts = field(default_factory=dict)
    anonymity: Anonymity = Anonymity.IDENTIFIED


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to mend or to think about: ``question`` is "" for the questionnaire itself."""

    said: Said
    blocking: bool = True
    question: str = ""
    #: title, intro, thanks, text, help, option:price, row:speed, condition, measure …
    field: str = ""
    language: str = ""


def check(
    draft: Draft, *, formal: bool = False, promised: Anonymity | None = None, touchpoint: bool = True
) -> tuple[Remark, ...]:
    """Look at a questionnaire before it is published.

    Parameters
    ----------
    draft
        The questionnaire.
    formal
        Whether the organization says *te* and *Ni* (else *sinä* and *du*).
    promised
        The strongest promise of anonymity under which some version has been answered; ``None``: nobody has answered.
    touchpoint
        Whether the questionnaire is always asked about a touchpoint, so that ``{touchpoint}`` is known.

    Returns
    -------
    tuple
        Remarks in the order of the questionnaire, blocking ones and others.
    """
    items = [question.item for question in draft.questions]
    remarks = [*_head(draft, promised), *_codes(items)]
    conditions: dict[str, list[Said]] = {}
    for code, said in misplaced(items):
        conditions.setdefault(code, []).append(said)
    for question in draft.questions:
        remarks += _texts_of(question, draft.languages)
        remarks += _measured(question.item)
        remarks += _answerable(question)
        remarks += [
            Remark(said, question=question.item.code, field="condition")
            for said in conditions.pop(question.item.code, [])
        ]
    remarks += _places(draft, touchpoint)
    remarks += _spoken(draft, formal)
    remarks += _length(items)
    return tuple(remarks)


def publishable(remarks: Iterable[Remark]) -> bool:
    """Whether nothing keeps the questionnaire from being published."""
    return not any(remark.blocking for remark in remarks)


def language_name(language: str) -> Said:
    """Return the name of a language."""
    return _LANGUAGE[language]


# --- the questionnaire itself ------------------------------------------------------------------------------------


def _head(draft: Draft, promised: Anonymity | None) -> Iterator[Remark]:
    if not draft.languages or set(draft.languages) - set(LANGUAGES):
        yield Remark(Said("choose the languages in which it is asked"), field="languages")
    yield from _missing("title", draft.title, draft.languages, needed=True)
    yield from _missing("intro", draft.intro, draft.languages)
    yield from _missing("thanks", draft.thanks, draft.languages)
    if not draft.questions:
        yield Remark(Said("there are no questions: add at least one"), field="questions")
    if promised is not None and PROMISES.index(draft.anonymity) < PROMISES.index(promised):
        yield Remark(
            Said(
                "people have answered under a stronger promise of anonymity, which cannot be weakened afterwards: "
                "make another questionnaire instead"
            ),
            field="anonymity",
        )


def _codes(items: Sequence[Item]) -> Iterator[Remark]:
    seen: set[str] = set()
    for item in items:
        if item.code in seen:
            yield Remark(
                Said("two questions have the code “%(question)s”: give one of them another", question=item.code),
                question=item.code,
                field="code",
            )
        seen.add(item.code)


def _length(items: Sequence[Item]) -> Iterator[Remark]:
    asked = sum(len(item.rows) or 1 for item in items)
    if asked > LONG:
        yield Remark(
            Said(
                "%(count)s answers are asked for, and people tire after %(most)s: leave out what nobody will act on",
                count=asked,
                most=LONG,
            ),
            blocking=False,
            field="questions",
        )


# --- texts -------------------------------------------------------------------------------------------------------


def _missing(field: str, texts: Texts, languages: Sequence[str], *, needed: bool = False) -> Iterator[Remark]:
    """Name the languages that a text lacks; one that stands in no language lacks none unless it is ``needed``."""
    if not needed and not any(text.strip() for text in texts.values()):
        return
    for language in languages:
        if not texts.get(language, "").strip():
            yield Remark(_lacking_head(field, language), field=field, language=language)


def _lacking_head(field: str, language: str) -> Said:
    asked = _LANGUAGE[language]
    if field == "title":
        return Said("the title is missing in %(language)s", language=asked)
    if field == "intro":
        return Said("the introduction is missing in %(language)s", language=asked)
    return Said("the thanks are missing in %(language)s", language=asked)


def _texts_of(question: DraftQuestion, languages: Sequence[str]) -> Iterator[Remark]:
    code = question.item.code
    for name, texts in _fields(question):
        part = name.partition(":")[2]
        if name == "help" and not any(text.strip() for text in texts.values()):
            continue
        for language in languages:
            if not texts.get(language, "").strip():
                yield Remark(_lacking(code, name, part, language), question=code, field=name, language=language)


def _lacking(code: str, name: str, part: str, language: str) -> Said:
    asked = _LANGUAGE[language]
    if name.startswith("option:"):
        return Said(
            "the choice “%(part)s” of “%(question)s” is missing in %(language)s",
            part=part,
            question=code,
            language=asked,
        )
    if name.startswith("row:"):
        return Said(
            "the row “%(part)s” of “%(question)s” is missing in %(language)s", part=part, question=code, language=asked
        )
    if name == "help":
        return Said("the help of “%(question)s” is missing in %(language)s", question=code, language=asked)
    return Said("the text of “%(question)s” is missing in %(language)s", question=code, language=asked)


def _fields(question: DraftQuestion) -> Iterator[tuple[str, Texts]]:
    yield "text", question.text
    yield "help", question.help
    for code, texts in question.options:
        yield f"option:{code}", texts
    for code, texts in question.rows:
        yield f"row:{code}", texts


def _all_texts(draft: Draft) -> Iterator[tuple[str, str, Texts]]:
    """Give every text with its question ("" for the questionnaire's own) and field."""
    for name, texts in (("title", draft.title), ("intro", draft.intro), ("thanks", draft.thanks)):
        yield "", name, texts
    for question in draft.questions:
        for name, texts in _fields(question):
            yield question.item.code, name, texts


def _places(draft: Draft, touchpoint: bool) -> Iterator[Remark]:
    """Look at what texts take in: it must be known by then, and be told for certain or be missed by nobody."""
    codes = [question.item.code for question in draft.questions]
    sure = {question.item.code for question in draft.questions if question.item.required}
    watched = {question.item.code: set(looks_at(question.item.condition)) for question in draft.questions}
    for code, name, texts in _all_texts(draft):
        earlier = codes[: codes.index(code)] if code else codes if name == "thanks" else []
        unsure = set(earlier) - sure - watched.get(code, set())
        for language, text in texts.items():
            for said in misfilled(text, earlier):
                yield Remark(said, question=code, field=name, language=language)
            for said in _unfilled(text, unsure, touchpoint):
                yield Remark(said, blocking=False, question=code, field=name, language=language)


def _unfilled(text: str, unsure: set[str], touchpoint: bool) -> Iterator[Said]:
    for place in piped(text):
        if place.answer in unsure:
            yield Said(
                "“%(question)s” can be left unanswered, and then “…” stands in the text: require an answer, or show "
                "the text only when there is one",
                question=place.answer,
            )
        elif place.name == Place.TOUCHPOINT and not touchpoint:
            yield Said("it is asked also without a touchpoint, and then “…” stands in the text")


def _spoken(draft: Draft, formal: bool) -> Iterator[Remark]:
    wrong, right = (Address.FAMILIAR, Address.FORMAL) if formal else (Address.FORMAL, Address.FAMILIAR)
    for code, name, texts in _all_texts(draft):
        if ":" in name:
            continue  # a choice is said by the respondent, to us
        for language, text in texts.items():
            found = address_in(text, language)
            if wrong not in found:
                continue
            said = (
                Said(
                    "“%(word)s” and “%(other)s” stand in the same text: speak to the reader in one way",
                    word=found[wrong],
                    other=found[right],
                )
                if right in found
                else Said("“%(word)s” is not how your organization speaks to its customers", word=found[wrong])
            )
            yield Remark(said, blocking=False, question=code, field=name, language=language)


# --- measures, scales and answers --------------------------------------------------------------------------------


def _measured(item: Item) -> Iterator[Remark]:
    """A measure is declared together with its scale, and an official one stands on its own scale only."""
    kind = item.kind
    if kind not in (QuestionKind.SCORE, QuestionKind.EMOTION, QuestionKind.MATRIX):
        if item.measure:
            yield _of(item, "measure", Said("“%(question)s” is not rated: remove its measure", question=item.code))
        return
    if item.scale is None:
        yield _of(item, "scale", Said("“%(question)s” has no scale: choose one", question=item.code))
    if kind == QuestionKind.EMOTION and item.measure != MeasureName.EMOTION:
        yield _of(
            item, "measure", Said("“%(question)s” asks for a feeling: its measure is emotion", question=item.code)
        )
    measures = [measure or item.measure for measure in item.rows.values()] if item.rows else [item.measure]
    if not all(measures):
        yield _of(item, "measure", Said("“%(question)s” does not say what it measures: choose it", question=item.code))
    for measure in measures:
        official = OFFICIAL_SCALE.get(measure, "")
        if item.scale and official and item.scale.code != official:
            yield _of(
                item,
                "scale",
                Said(
                    "“%(question)s”: %(measure)s is defined on the scale %(official)s: choose that scale, or name the "
                    "measure otherwise",
                    question=item.code,
                    measure=measure,
                    official=official,
                ),
            )


def _answerable(question: DraftQuestion) -> Iterator[Remark]:
    item = question.item
    if item.kind in _CHOSEN and len(item.options) < 2:
        yield _of(item, "options", Said("“%(question)s” needs at least two choices", question=item.code))
    if item.kind == QuestionKind.MATRIX and not item.rows:
        yield _of(item, "rows", Said("“%(question)s” needs at least one row", question=item.code))
    if item.kind in (QuestionKind.SCORE, QuestionKind.EMOTION, QuestionKind.MATRIX) and item.scale:
        yield from _off_scale(item)
    yield from _parts(item, "options", item.options)
    yield from _parts(item, "rows", [code for code, _ in question.rows])
    if item.most is not None and (item.kind != QuestionKind.MULTI or item.most < 1):
        yield _of(item, "most", Said("“%(question)s”: at most how many choices can be made?", question=item.code))
    if item.required and item.kind in (QuestionKind.CONTACT, QuestionKind.FILE):
        yield _of(
            item, "required", Said("“%(question)s” cannot be required: nobody has to give it", question=item.code)
        )


def _off_scale(item: Item) -> Iterator[Remark]:
    known = points(item.scale) if item.scale else ()
    for code in item.options:
        if code not in known:
            said = Said(
                "“%(question)s”: the word for “%(value)s” belongs to no point of the scale: remove it",
                question=item.code,
                value=code,
            )
            yield _of(item, "options", said)


def _parts(item: Item, name: str, codes: Sequence[str]) -> Iterator[Remark]:
    for code in codes:
        if codes.count(code) > 1:
            said = Said("“%(question)s” has “%(part)s” twice: remove one", question=item.code, part=code)
            yield _of(item, name, said)
            return
        if len(f"{item.code}.{code}") > _LONGEST_CODE:
            said = Said("the code “%(part)s” of “%(question)s” is too long", question=item.code, part=code)
            yield _of(item, name, said)


def _of(item: Item, name: str, said: Said) -> Remark:
    return Remark(said, question=item.code, field=name)


def rating_of(choices: Sequence[str]) -> tuple[float, float, float] | None:
    """Return low end, high end and step of the rating that choices are, by their codes; ``None`` where they are none.

    A rating are at least two different numbers, evenly apart, in whatever order they stand.
    """
    try:
        numbers = sorted({float(code) for code in choices})
    except ValueError:
        return None
    gaps = {round(high - low, 9) for low, high in pairwise(numbers)}
    if len(numbers) < max(2, len(choices)) or len(gaps) != 1 or not all(map(isfinite, numbers)):
        return None
    return numbers[0], numbers[-1], gaps.pop()
