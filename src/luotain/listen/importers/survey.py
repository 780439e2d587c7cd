"""One reading through the whole file before anything is written: how many records, and what must be decided first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from luotain.language.said import Said
from luotain.listen.importers.dates import Orders
from luotain.listen.importers.mapping import KEEP, REJECT, AnswerColumn, Mapping
from luotain.listen.importers.quality import Examination
from luotain.listen.importers.reading import Heading, Record
from luotain.listen.importers.records import on_scale, says_nothing, translated
from luotain.listen.importers.timing import Timing
from luotain.terms import MeasureName

#: a code off its scale that stands on this many records was meant by somebody: it is asked about, not rejected
_RECURRING = 5
#: records that are looked at together
_TOGETHER = 5_000
#: in so many answers on 0–10 somebody has nearly always chosen 0
_ENOUGH_FOR_A_ZERO = 200


@dataclass(frozen=True, slots=True)
class Survey:
    """What one reading through the whole file tells before anything is written."""

    records: int
    #: what a person must decide first
    questions: tuple[Said, ...]
    #: records between which the order of day and month cannot be told
    stretches: tuple[tuple[int, int], ...]
    #: what a person should know of it
    warnings: tuple[Said, ...] = ()
    #: how good the data is, where that was asked for
    examination: Examination | None = None
    #: below how many seconds an answer is too fast beside the others of the file; 0 where too few tell
    too_fast: float = 0.0
    #: what the file tells of itself, so that it need not be opened again for that
    heading: Heading = field(default_factory=Heading)


class _Met:
    """The values that were met in the column of one answer, and how often."""

    def __init__(self, column: AnswerColumn, columns: tuple[str, ...]) -> None:
        self.column = column
        self.values: Counter[str] = Counter()
        self._place = columns.index(column.column)
        self._where = [(columns.index(name), values) for name, values in column.where.items()]

    def meet_all(self, records: Sequence[tuple[str, ...]]) -> None:
        """Take the cells of the next records into account."""
        for place, values in self._where:
            records = [cells for cells in records if cells[place].strip() in values]
        # few values stand in many records: each is looked at once
        for told, count in Counter([cells[self._place] for cells in records]).items():
            self.values[told.strip()[:60]] += count


def survey(mapping: Mapping, columns: tuple[str, ...], records: Iterable[Record], *, examine: bool = False) -> Survey:
    """Read all the records once.

    Codes that recur and that no scale knows become questions; a stray wrong value is none, it will be rejected by
    name. With ``examine`` the data is looked into as well (:class:`Examination`).
    """
    asked = [column for column in mapping.answers if column.scale and not column.unknown]
    met = [_Met(column, columns) for column in asked]
    times = mapping.occurred_at
    orders = Orders(times.formats, times.turned) if times else Orders(())
    place = columns.index(times.column) if times and times.column else None
    examination = Examination(mapping, columns) if examine else None
    timing = Timing(mapping, columns)
    count, coming = 0, iter(records)
    while part := list(islice(coming, _TOGETHER)):
        count += len(part)
        if examination is not None:
            for record in part:
                examination.meet(record)
        read = [record for record in part if not record.problem]
        if place is not None:
            orders.meet_all((record.number, record.cells[place]) for record in read)
        timing.meet_all(record.cells for record in read)
        for one in met:
            one.meet_all([record.cells for record in read])
    questions = [_question(one.column, strange) for one in met if (strange := _strange(one.column, one.values))]
    doubts = tuple(doubt for one in met if (doubt := _one_to_ten(one.column, one.values)))
    return Survey(count, tuple(questions), orders.finish(), doubts, examination, timing.floor())


def _one_to_ten(column: AnswerColumn, met: Counter[str]) -> Said | None:
    """Doubt a recommendation question that nobody answered with 0: asked on 1–10, it is another measure."""
    told = Counter({translated(column, told): 0 for told in met})
    for text, count in met.items():
        told[translated(column, text)] += count
    answers = sum(count for text, count in told.items() if text)
    if column.measure != MeasureName.NPS or answers < _ENOUGH_FOR_A_ZERO or told["0"] or not (told["1"] and told["10"]):
        return None
    return Said(
        "'%(column)s': no 0 among %(count)s answers. If it was asked on 1–10, it is not NPS: give the measure another "
        "name",
        column=column.column,
        count=answers,
    )


def _strange(column: AnswerColumn, met: Counter[str]) -> dict[str, int]:
    return {
        told: count
        for told, count in met.items()
        if told and not says_nothing(column, told) and count >= _RECURRING
        and not on_scale(column, translated(column, told))
    }  # fmt: skip


def _question(column: AnswerColumn, strange: dict[str, int]) -> Said:
    assert column.scale is not None
    shown = sorted(strange.items(), key=lambda item: -item[1])
    codes = ", ".join(f"{told!r} ({count}×)" for told, count in shown[:8])
    return Said(
        "What do %(codes)s mean in '%(column)s'? The scale %(scale)s (%(low)s–%(high)s) does not know them. "
        "Under the answer '%(answer)s', translate them with map, list them in missing, or decide %(ways)s.",
        codes=codes + (" …" if len(shown) > 8 else ""),
        column=column.column,
        scale=column.scale.code,
        low=f"{column.scale.low:g}",
        high=f"{column.scale.high:g}",
        answer=column.code,
        ways=f'unknown = "{KEEP}" / unknown = "{REJECT}"',
    )
