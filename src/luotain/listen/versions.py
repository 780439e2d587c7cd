"""What changed between two versions of a questionnaire, in words: figures before and after may not mean the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from luotain.language.said import Said
from luotain.listen.drafting import Draft, DraftQuestion, language_name
from luotain.listen.questionnaire import Item
from luotain.terms import LANGUAGES


def changes(before: Draft, after: Draft) -> tuple[Said, ...]:
    """Return what changed from ``before`` to ``after``: the questionnaire itself, then question by question."""
    return (*_head(before, after), *_questions(before.questions, after.questions))


def _head(before: Draft, after: Draft) -> Iterator[Said]:
    for said, old, new in (
        (Said("the title is worded anew"), before.title, after.title),
        (Said("the introduction is worded anew"), before.intro, after.intro),
        (Said("the thanks are worded anew"), before.thanks, after.thanks),
    ):
        if _kept(old) != _kept(new):
            yield said
    for language in after.languages:
        if language not in before.languages:
            yield Said("it is asked also in %(language)s", language=language_name(language))
    for language in before.languages:
        if language not in after.languages:
            yield Said("it is no longer asked in %(language)s", language=language_name(language))
    if before.anonymity != after.anonymity:
        yield Said("the promise of anonymity is another")


def _questions(before: Sequence[DraftQuestion], after: Sequence[DraftQuestion]) -> Iterator[Said]:
    old = {question.item.code: question for question in before}
    new = {question.item.code: question for question in after}
    for code in old:
        if code not in new:
            yield Said("“%(question)s” is left out", question=code)
    for code, question in new.items():
        if code not in old:
            yield Said("“%(question)s” is new", question=code)
        else:
            yield from _question(old[code], question)
    kept = [code for code in new if code in old]
    if kept != [code for code in old if code in new]:
        yield Said("the questions come in another order")


def _question(before: DraftQuestion, after: DraftQuestion) -> Iterator[Said]:
    code = after.item.code
    worded = [
        language
        for language in LANGUAGES
        if before.text.get(language, "") != after.text.get(language, "")
        or before.help.get(language, "") != after.help.get(language, "")
    ]
    for language in worded:
        yield Said("“%(question)s” is worded anew in %(language)s", question=code, language=language_name(language))
    if before.options != after.options or before.rows != after.rows or before.item.most != after.item.most:
        yield Said("“%(question)s” has other choices, rows or words on its scale", question=code)
    if _measured(before.item) != _measured(after.item):
        yield Said("“%(question)s” is measured otherwise: figures before and after differ", question=code)
    if before.item.condition != after.item.condition:
        yield Said("“%(question)s” is asked of others", question=code)
    if before.item.required != after.item.required:
        yield (
            Said("“%(question)s” needs an answer now", question=code)
            if after.item.required
            else Said("“%(question)s” can be left unanswered now", question=code)
        )


def _measured(item: Item) -> tuple[object, ...]:
    return (item.kind, item.measure, item.scale, dict(item.rows))


def _kept(texts: object) -> dict[str, str]:
    return {language: text for language, text in dict(texts).items() if text}  # type: ignore[call-overload]
