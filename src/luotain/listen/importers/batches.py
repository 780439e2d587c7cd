"""The records of a file, read by their mapping a batch at a time: in this process, or in one of its own.

A large file is read in a second process (:mod:`luotain.listen.importers.apart`): while one batch is being written,
the next ones are taken apart, checked, and their languages told. Both ways give the same batches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from luotain.language.said import Said
from luotain.listen.answering import NotAccepted
from luotain.listen.arrivals import Arrival
from luotain.listen.importers.look import importer_of
from luotain.listen.importers.reading import Record
from luotain.listen.importers.records import Reader
from luotain.listen.submission import Refusal, Submission


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be read: a file, by a reader that has read nothing yet."""

    path: Path
    reader: Reader
    #: records in a batch
    size: int
    #: as many records are in the ledger already: only what repeats later must know of them
    after: int = 0
    #: as many records are read at most; ``None``: all
    most: int | None = None


@dataclass(slots=True)
class Batch:
    """Records that were read together, and what they say."""

    numbers: Sequence[int]
    cells: Sequence[tuple[str, ...]]
    #: what the records say, in their order, and of which record each is: its place in the batch, from 0
    items: list[Submission | Arrival] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    #: place -> why the record cannot be read
    refusals: dict[int, Refusal] = field(default_factory=dict)
    #: codes that were met and may have to be created: (table, code) -> name, if the file tells one
    created: dict[tuple[str, str], str] = field(default_factory=dict)
    #: what a person should know, and how often it happened in these records
    warnings: Counter[Said] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.numbers)


def batches(task: Task) -> Iterator[Batch]:
    """Yield the records of the file in batches; languages that the file does not tell are told by the words.

    Raises :class:`luotain.listen.importers.problem.CannotImport` where the file turns out to be broken.
    """
    reader = task.reader
    with importer_of(task.path, reader.mapping).open(task.path, reader.mapping.reading) as table:
        for record in islice(table.records, task.after):
            _pass_over(reader, record)
        reader.warnings.clear()
        reader.tells_languages = True
        records = table.records if task.most is None else islice(table.records, task.most)
        while part := list(islice(records, task.size)):
            yield _batch(reader, part)


def _pass_over(reader: Reader, record: Record) -> None:
    try:
        reader.read(record)
    except NotAccepted:
        return


def _batch(reader: Reader, records: Sequence[Record]) -> Batch:
    batch = Batch([record.number for record in records], [record.cells for record in records])
    for place, record in enumerate(records):
        try:
            read = reader.read(record)
        except NotAccepted as problem:
            batch.refusals[place] = refusal(record.number, problem.field, problem.value, problem.reason)
            continue
        for item in read:
            batch.items.append(item)
            batch.places.append(place)
    batch.created, batch.warnings = dict(reader.created), Counter(reader.warnings)
    reader.created.clear()
    reader.warnings.clear()
    return batch


def refusal(number: int, name: str, value: str, reason: Said) -> Refusal:
    """Return why a record was not taken in, as short as it is kept."""
    return Refusal(number, name[:100], value[:200].replace("\x00", ""), reason)
