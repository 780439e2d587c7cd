"""Forming the blocks in which answers of employees are counted; see :mod:`luotain.understand.blocks`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import numpy as np
import pyarrow.compute as pc
from django.db import transaction

from luotain.server.models.people import Organization, Unit
from luotain.server.models.understand import Block, BlockAnswer
from luotain.server.operations.people import today_at
from luotain.server.operations.understand.figures import read
from luotain.terms import Population
from luotain.understand.blocks import ENOUGH, ENOUGH_FOR_SHARES, VOICES, Loose, form
from luotain.understand.kinds import measure_named
from luotain.understand.store.buffers import floats_of, of_numbers, scalar
from luotain.understand.tables import Tables

#: rows written, and feedbacks looked up, at a time
_AT_ONCE: Final = 5_000
#: contents of the facts (``Tables.version``) for which this process found nothing more to form, and in which month
_looked: dict[str, tuple[int, int]] = {}


def form_blocks(*, now: datetime) -> int:
    """Form the blocks for which enough employees have answered; return how many were formed.

    Any number of workers may do it at once: one takes the answers that wait, the others find nothing. Where nothing
    has changed since the last time, it costs a look at the facts' version.
    """
    today = today_at(now)
    current = today.year * 100 + today.month
    version, loose = read(lambda tables: _loose(tables, current))
    if not loose:
        return 0
    with transaction.atomic():
        Organization.objects.select_for_update().get(pk=1)
        parents = dict(Unit.objects.values_list("pk", "parent_id"))
        formed = sum(
            _form(name, _still_loose(name, rows), current, parents, now) for name, rows in sorted(loose.items())
        )
    if not formed and version is not None:
        _looked["last"] = (version, current)
    return formed


def _loose(tables: Tables, current: int) -> tuple[int | None, dict[str, list[Loose]]]:
    """Return the answers of employees that stand in no block, by measure."""
    if tables.is_empty or (tables.version is not None and _looked.get("last") == (tables.version, current)):
        return tables.version, {}

    def build(facts: Any) -> Any:
        told = facts.filter(facts.population == Population.EMPLOYEE.value)
        carried = ("customer", "month", "unit", "touchpoint", "programme")
        return told.group_by(["measure", "feedback"]).agg(**{name: told[name].max() for name in carried})

    found: defaultdict[str, list[Loose]] = defaultdict(list)
    voices: dict[int, Loose] = {}
    answers = tables.of_facts("answers of employees", build)
    stand = tables.blocks_of(VOICES)
    for name in answers["measure"].unique().to_pylist():
        told = answers.filter(pc.equal(answers["measure"], scalar(name)))
        feedbacks = floats_of(told["feedback"]).astype(np.int64)
        unblocked = tables.blocks_of(name).of(feedbacks) < 0
        # Most stand in their blocks since long: only those that do not become rows of Python.
        loose = np.flatnonzero(unblocked | (stand.of(feedbacks) < 0))
        rows = told.take(of_numbers(loose)).to_pylist()
        for row, own in zip(rows, unblocked[loose].tolist(), strict=True):
            kind = (row["touchpoint"], row["programme"])
            one = Loose(row["feedback"], row["customer"], row["month"], row["unit"], kind)
            if own:
                found[name].append(one)
            voices[one.feedback] = one
    found[VOICES] = list(voices.values())
    return tables.version, found


def _still_loose(name: str, rows: Iterable[Loose]) -> list[Loose]:
    """Return those that stand in no block, now that nobody else forms any."""
    by_feedback = {row.feedback: row for row in rows}
    known = BlockAnswer.objects.filter(measure=name).values_list("feedback_id", flat=True)
    for feedback in known.iterator(chunk_size=_AT_ONCE):
        by_feedback.pop(feedback, None)
    return list(by_feedback.values())


def _form(name: str, loose: list[Loose], current: int, parents: Mapping[int, int | None], now: datetime) -> int:
    enough = ENOUGH_FOR_SHARES if name == VOICES or measure_named(name).parts else ENOUGH
    formed = form(loose, current=current, parents=parents, enough=enough)
    rows = Block.objects.bulk_create([Block(measure=name, formed_at=now) for _each in formed], batch_size=_AT_ONCE)
    BlockAnswer.objects.bulk_create(
        [
            BlockAnswer(block=row, measure=name, feedback_id=feedback)
            for row, feedbacks in zip(rows, formed, strict=True)
            for feedback in feedbacks
        ],
        batch_size=_AT_ONCE,
    )
    return len(formed)
