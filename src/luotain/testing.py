"""For authors of plugins: whether what they wrote keeps to what the product asks of it.

::

    from luotain.testing import check_importer

    def test_my_importer(tmp_path):
        check_importer(MyImporter(), example_file)
"""

from __future__ import annotations

import contextlib
import re
import tempfile
import tomllib
from pathlib import Path

from luotain.listen.answering import NotAccepted
from luotain.listen.importers.look import look_at
from luotain.listen.importers.mapping import check_columns, read_mapping
from luotain.listen.importers.problem import NotReadable
from luotain.listen.importers.reading import Record, Sample, Table
from luotain.listen.importers.records import Reader
from luotain.plugins import Importer

_OTHERS = {"other.csv": "a,b\n1,2\n", "other.json": '[{"a": 1}]'}


def check_importer(importer: Importer, path: Path) -> None:
    """Check an importer against a file that it should read; raises ``AssertionError`` naming what is not so.

    It has a name and a title, recognises the file and does not stumble over others, reads the same records each time,
    and proposes a mapping by which they can be taken in or which says what is open.
    """
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,38}", importer.name), f"the name {importer.name!r} is no short code"
    assert importer.title.strip(), "the importer has no title"
    _check_recognition(importer, path)
    columns, records = _twice(importer, path)
    sample = Sample(path.stem, columns, tuple(record.cells for record in records if not record.problem), path=path)
    with importer.open(path) as table:
        proposal = importer.propose(Sample(path.stem, columns, sample.rows, table.titles, path=path))
    raw = tomllib.loads(proposal.toml)
    if proposal.questions:
        assert '"?"' in proposal.toml, "a question stands open, and no question mark in the mapping"
        return
    mapping = read_mapping(proposal.toml)
    assert raw.get("format", importer.name) == importer.name, "the mapping names another importer"
    check_columns(mapping, columns)
    reader = Reader(mapping, columns, "UTC")
    for record in records:
        # refusing a record by name is as good as taking it in; anything else that is raised is a fault
        with contextlib.suppress(NotAccepted):
            reader.read(record)


def _check_recognition(importer: Importer, path: Path) -> None:
    sure = importer.recognises(look_at(path))
    assert 0 < sure <= 1, f"it does not recognise {path.name}: {sure}, and above 0 up to 1 is expected"
    with tempfile.TemporaryDirectory() as folder:
        for name, text in _OTHERS.items():
            other = Path(folder) / name
            other.write_text(text, encoding="utf-8")
            assert importer.recognises(look_at(other)) < 0.5, f"it claims a file that is not its own: {text!r}"
        try:
            with importer.open(Path(folder) / "nowhere.csv"):
                pass
        except NotReadable:
            return
    raise AssertionError("a file that is not there must be refused with NotReadable")


def _twice(importer: Importer, path: Path) -> tuple[tuple[str, ...], list[Record]]:
    """Read the file twice: an import that was interrupted goes on by reading it again."""
    passes = []
    for _ in range(2):
        with importer.open(path) as table:
            assert isinstance(table, Table), "open gives something else than a Table"
            passes.append((table.columns, list(table.records)))
    (columns, records), again = passes
    assert (columns, records) == again, "the file reads differently the second time"
    assert all(columns), "a column has no name"
    assert len(set(columns)) == len(columns), "two columns have the same name"
    assert [record.number for record in records] == list(range(1, len(records) + 1)), "records are not numbered from 1"
    for record in records:
        assert record.problem or len(record.cells) == len(columns), f"record {record.number} has other columns"
    return columns, records
