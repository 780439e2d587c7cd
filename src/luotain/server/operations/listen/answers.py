"""Answers read on their scales, each way of answering once for a whole batch."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from luotain.language.said import Said
from luotain.listen.answering import NotAccepted, read_answer
from luotain.listen.submission import SubmittedAnswer
from luotain.people.privacy import storable
from luotain.server.operations.listen.catalogue import Catalogue
from luotain.server.operations.listen.voices import Told


@dataclass(slots=True)
class Answers:
    """Reads the answers of one batch: ten thousand voices give a score in eleven ways."""

    catalogue: Catalogue
    #: answers without words of their own, by all that they consist of
    _read: dict[Hashable, Told] = field(default_factory=dict)

    def read(self, answers: Iterable[SubmittedAnswer], instrument_id: int | None) -> tuple[Told, ...]:
        """Return the answers of one voice as they are written; raises :class:`NotAccepted`."""
        read: list[Told] = []
        codes: set[str] = set()
        for told in answers:
            if told.code in codes:
                twice = Said("answered twice in one submission: send each answer once")
                raise NotAccepted(told.code, told.raw, twice)
            codes.add(told.code)
            read.append(self._answer(told, instrument_id))
        return tuple(read)

    def _answer(self, told: SubmittedAnswer, instrument_id: int | None) -> Told:
        if told.text:
            return self._told(told, instrument_id)
        # A scale is known by its identity: the batch holds it, so that no other can take its place meanwhile.
        key = (told.code, told.measure, id(told.scale), told.raw, told.label, told.claimed, instrument_id)
        read = self._read.get(key)
        if read is None:
            read = self._read[key] = self._told(told, instrument_id)
        return read

    def _told(self, told: SubmittedAnswer, instrument_id: int | None) -> Told:
        # a pick of several and a row of a table are answers of their own to one question: "reasons.price"
        asked = told.code if "." not in told.code else told.code.partition(".")[0]
        question = self.catalogue.questions.get((instrument_id or 0, asked))
        scale = told.scale or (question.scale.scale if question and question.scale else None)
        measure = told.measure or (question.measure if question else "")
        if scale is not told.scale or measure != told.measure:
            told = SubmittedAnswer(told.code, measure, scale, told.raw, told.label, told.text, told.claimed)
        reading = read_answer(told)
        # SQLite takes a plain string at once; what is only a kind of one it asks for an adapter, for every row
        category = str.__str__(reading.category)
        scale_id = self.catalogue.scale(told.code, told.scale) if told.scale and told.scale.code else None
        answer = (
            question.pk if question else None, told.code, told.measure, scale_id, storable(told.raw), reading.value,
            told.label, category, reading.claimed, storable(told.text),
        )  # fmt: skip
        fact = None
        if reading.measured is not None:
            on_scale = scale.code if scale and reading.value is not None else ""
            fact = (told.measure, told.label, on_scale, reading.measured, category)
        return Told(answer, fact, bool(reading.claimed and reading.value is not None))
