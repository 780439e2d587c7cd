"""The product's own answers for analysts: Ibis tables of what is committed, within what the reader may see, read-only.

Nothing of Django is loaded: what is read are the files of the store and the tail of the database, as every figure is
made of them. Answers of employees are not lent as rows, because nobody could promise then that no one is recognised;
their figures are made by the product (:meth:`Connection.measure`), by its rules.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from os import PathLike
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import ibis
import pyarrow as pa

from luotain.people.access import Grant, Permission, reach, reaches_all
from luotain.terms import Population, Role
from luotain.understand import measures
from luotain.understand.estimate import Cell, all_as_shown
from luotain.understand.given import BadInput
from luotain.understand.results import Result, result
from luotain.understand.store.databases import Reader, SQLite, reader_of
from luotain.understand.tables import Tables, folder_of, open_tables

_DATABASE: Final = "luotain.sqlite3"
_GRANTS: Final = """
    SELECT m.username AS name, s.role AS role, u.path AS path FROM luotain_membership s
    JOIN luotain_member m ON m.id = s.member_id JOIN luotain_unit u ON u.id = s.unit_id WHERE m.is_active
"""
_KEYS: Final = """
    SELECT t.token_hash AS name, t.role AS role, u.path AS path FROM luotain_accesstoken t
    JOIN luotain_unit u ON u.id = t.unit_id WHERE t.revoked_at IS NULL
"""
#: what lies in the database beside the facts, for the data dictionary
_MEANINGS: Final = {
    "feedback": "number of the voice that told it; answers of one voice share it",
    "customer": "number of the customer, empty where nobody was named; a cluster for luotain.nps",
    "population": "whose voice: customer, lost_customer, non_customer and so on; never employee",
    "measure": "what was asked: nps, ces, csat, emotion, or a measure that the company declared",
    "label": "which one of several, as the name of a feeling",
    "scale": "code of the scale it was answered on; see scales",
    "value": "the answer, turned so that more is better",
    "category": "the class of the answer on its scale",
    "day": "day of the occurrence, in the organization's time zone",
    "month": "its month, as 2026-03",
    "touchpoint": "where in the journey, as a code; see touchpoints",
    "stage": "the stage of that touchpoint",
    "channel": "through which channel, as a code",
    "unit": "which unit of the organization, as a code; see units",
    "tier": "customer tier, as a code",
    "programme": "which programme asked, as a code",
    "language": "language of the answer",
    "flagged": "whether the answer is doubtful",
    "attributes": "further breakdowns, as a JSON object",
}
_numbers = count(1)
_PERSONAL: Final = ("feedback", "customer")
_VIEW: Final = """
    SELECT f.feedback, f.customer, f.population, f.measure, f.label, f.scale, f.value, f.category,
        DATE '1970-01-01' + f.day AS day,
        CAST(f.month // 100 AS VARCHAR) || '-' || lpad(CAST(f.month % 100 AS VARCHAR), 2, '0') AS month,
        t.code AS touchpoint, s.code AS stage, c.code AS channel, u.code AS unit, i.code AS tier, p.code AS programme,
        f.language, f.flagged, f.attributes
    FROM ({facts}) f
    LEFT JOIN {names} t ON t.kind = 'touchpoint' AND t.id = f.touchpoint
    LEFT JOIN {names} s ON s.kind = 'stage' AND s.id = t.parent
    LEFT JOIN {names} c ON c.kind = 'channel' AND c.id = f.channel
    LEFT JOIN {names} u ON u.kind = 'unit' AND u.id = f.unit
    LEFT JOIN {names} i ON i.kind = 'tier' AND i.id = f.tier
    LEFT JOIN {names} p ON p.kind = 'programme' AND p.id = f.programme
    WHERE {limits}
"""


class NotAllowed(PermissionError):
    """The member or key is not known, or may not see measures anywhere."""


@dataclass(frozen=True)
class Connection:
    """The product's answers, as they were when it was opened; see :func:`connect`. Use it in one thread."""

    #: every answer that may be seen, one row each; the columns are told by :attr:`dictionary`
    facts: Any
    touchpoints: Any
    units: Any
    scales: Any
    #: what every column means
    dictionary: Result
    #: the measures that have been answered, with their scales and how many answers there are
    measures: Result
    _tables: Tables
    _units: frozenset[int] | None = None
    _as_of: datetime | None = None

    def answers(self, measure: str) -> Any:
        """Return the answers to one measure as an Ibis table: ``luotain.nps(c.answers("nps"), score="value")``.

        Raises
        ------
        BadInput
            Where nobody has answered it; the message lists what has been.
        """
        known = [row["measure"] for row in self.measures]
        if measure not in known:
            raise BadInput(f"no answers to {measure!r}; there are {', '.join(known) or 'no answers at all'}")
        return self.facts.filter(self.facts.measure == measure)

    def measure(self, name: str, *, by: str | Sequence[str] = (), where: Mapping[str, Any] | None = None) -> Result:
        """Return a figure as the product shows it, published or declared; the overall one first, then each breakdown's.

        ``by`` and ``where`` are as of ``luotain measure``. Of employees only what may be shown comes out.

        Raises
        ------
        BadInput
            For a connection to what was known earlier: its figures are made of :meth:`answers`.
        UnknownMeasure, UnknownBreakdown, NotComparable
            With what is known.
        """
        if self._as_of is not None:
            raise BadInput(f"figures as of then are made of rows: luotain.nps(connection.answers({name!r}), …)")
        names = (by,) if isinstance(by, str) else tuple(by)
        cells = measures.cells(self._tables, name, by=names, limits=measures.Limits(where, units=self._units))
        if _about_employees(names, where):
            cells = all_as_shown(cells)
        return result(name, _columns(cells))


def connect(
    home_or_url: str | PathLike[str],
    *,
    as_of: datetime | None = None,
    member: str | None = None,
    token: str | None = None,
) -> Connection:
    """Open the product's own data for reading.

    Parameters
    ----------
    home_or_url
        The folder of an installation (``LUOTAIN_HOME``; where its database is a PostgreSQL, ``LUOTAIN_DATABASE_URL``
        must say which, as for the product itself), or the address of its database: ``sqlite:///path`` or
        ``postgresql://user:password@host:port/name``.
    as_of
        A moment with its time zone: only what had been received by then. What has been taken back or erased since
        stays out.
    member, token
        Whose permissions hold: those of a member, by user name, or of a key. Without either those of the owner of the
        installation, who can read its files anyway: everything but the answers of employees.

    Returns
    -------
    Connection
        ``facts``, ``touchpoints``, ``units`` and ``scales`` as Ibis tables, ``answers(measure)``, ``measure(name)``,
        ``measures`` and ``dictionary``. It is what was committed when it was opened; open again for what is newer.

    Raises
    ------
    BadInput
        Where there is no installation, or the moment has no time zone.
    NotAllowed
        When the member or key is unknown, or may not see measures.

    Examples
    --------
    >>> import luotain
    >>> luotain.connect("/nowhere")
    Traceback (most recent call last):
        ...
    luotain.understand.given.BadInput: no installation in /nowhere: name its folder (LUOTAIN_HOME) or its database
    """
    if as_of is not None and as_of.tzinfo is None:
        raise BadInput(f"as_of needs a time zone, as in datetime(2026, 3, 1, tzinfo=UTC); not {as_of!r}")
    url, folder = _address(home_or_url)
    reader = reader_of(url)
    try:
        grants = _grants(reader, member, token)
        late = _received_after(reader, as_of) if as_of else None
    finally:
        reader.close()
    paths = None if grants is None else reach(grants, Permission.SEE_MEASURES)
    if paths is not None and not paths:
        raise NotAllowed(f"{member or 'this key'} may not see measures in any unit")
    voices = grants is None or bool(reach(grants, Permission.SEE_FEEDBACK))
    return _opened(open_tables(url, folder), paths, voices=voices, late=late, as_of=as_of)


def _address(home_or_url: str | PathLike[str]) -> tuple[str, Path]:
    told = str(home_or_url)
    if urlsplit(told).scheme in {"sqlite", "postgresql", "postgres"}:
        return told, folder_of(told)
    file = Path(told) / _DATABASE
    if not file.exists() and Path(told).is_dir() and (url := os.environ.get("LUOTAIN_DATABASE_URL")):
        return url, Path(told).resolve() / "segments"
    if not file.exists():
        raise BadInput(f"no installation in {told}: name its folder (LUOTAIN_HOME) or its database")
    return f"sqlite://{quote(str(file.resolve()))}", file.resolve().parent / "segments"


def _grants(reader: Reader, member: str | None, token: str | None) -> list[Grant] | None:
    """Return the roles of whoever reads; ``None`` for the owner."""
    if member is None and token is None:
        return None
    if member is not None:
        found = [row for row in reader.rows(_GRANTS) if row["name"] == member]
        unknown = f"no member {member!r} with a role"
    else:
        digest = hashlib.sha256(str(token).encode("utf-8", "replace")).hexdigest()
        found = [row for row in reader.rows(_KEYS) if hmac.compare_digest(row["name"], digest)]
        unknown = "this key is not known or was revoked"
    if not found:
        raise NotAllowed(unknown)
    return [Grant(Role(row["role"]), row["path"]) for row in found]


def _received_after(reader: Reader, moment: datetime) -> list[int]:
    text = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    zone = "" if isinstance(reader, SQLite) else "+00"
    later = f"SELECT id FROM luotain_feedback WHERE received_at > '{text}{zone}'"  # noqa: S608 - numbers of our own
    return [row["id"] for row in reader.rows(later)]


def _opened(
    tables: Tables, paths: Sequence[str] | None, *, voices: bool, late: list[int] | None, as_of: datetime | None
) -> Connection:
    cursor, facts = tables.lent()
    # Several connections may stand on the same tables, each with limits of its own.
    names, late_ones, view = (f"lent_{what}_{next(_numbers)}" for what in ("names", "late", "facts"))
    units = _units(tables, paths)
    limits = [f"f.population <> '{Population.EMPLOYEE.value}'"]
    if units is not None:
        limits.append(f"f.unit IN ({', '.join(str(unit) for unit in sorted(units)) or 'NULL'})")
    if late is not None:
        cursor.register(late_ones, pa.table({"id": pa.array(late, pa.int64())}))
        limits.append(f"f.feedback NOT IN (SELECT id FROM {late_ones})")  # noqa: S608 - our own names
    cursor.register(names, _names(tables))
    shown = _VIEW.format(facts=facts, names=names, limits=" AND ".join(limits))
    cursor.execute(f"CREATE TEMP VIEW {view} AS {shown}")
    lent = ibis.duckdb.from_connection(cursor).table(view)
    if not voices:
        lent = lent.drop(*_PERSONAL)
    return Connection(
        lent, ibis.memtable(_touchpoints(tables)), ibis.memtable(_unit_rows(tables, units)),
        ibis.memtable(_scale_rows(tables)), _dictionary(lent), _measures(lent), tables, units, as_of,
    )  # fmt: skip


def _units(tables: Tables, paths: Sequence[str] | None) -> frozenset[int] | None:
    if paths is None or reaches_all(paths):
        return None
    return frozenset(
        key for key, unit in tables.dimensions["unit"].items() if any(unit.path.startswith(path) for path in paths)
    )


def _names(tables: Tables) -> pa.Table:
    rows = [
        (kind, key, each.code, each.parent) for kind, known in tables.dimensions.items() for key, each in known.items()
    ]
    return _table(("kind", "id", "code", "parent"), rows, (pa.string(), pa.int64(), pa.string(), pa.int64()))


def _touchpoints(tables: Tables) -> pa.Table:
    stages = tables.dimensions["stage"]
    rows = [
        (each.code, stages[each.parent].code if each.parent is not None and each.parent in stages else None)
        for each in tables.dimensions["touchpoint"].values()
    ]
    return _table(("touchpoint", "stage"), sorted(rows), (pa.string(), pa.string()))


def _unit_rows(tables: Tables, seen: Collection[int] | None) -> pa.Table:
    known = tables.dimensions["unit"]
    rows = [
        (each.code, known[each.parent].code if each.parent is not None and each.parent in known else None)
        for key, each in known.items()
        if seen is None or key in seen
    ]
    return _table(("unit", "above"), sorted(rows, key=str), (pa.string(), pa.string()))


def _scale_rows(tables: Tables) -> pa.Table:
    rows = [(each.code, float(each.low), float(each.high), float(each.step)) for each in tables.scales.values()]
    return _table(("scale", "low", "high", "step"), sorted(rows), (pa.string(), *[pa.float64()] * 3))


def _table(names: Sequence[str], rows: Iterable[tuple[Any, ...]], kinds: Sequence[pa.DataType]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, kinds, strict=True)})


def _dictionary(lent: Any) -> Result:
    names = list(lent.columns)
    kinds = [str(lent[name].type()) for name in names]
    return result("facts", {"column": names, "type": kinds, "meaning": [_MEANINGS[name] for name in names]})


def _measures(lent: Any) -> Result:
    found = lent.group_by("measure", "scale").agg(n=lent.count()).order_by("measure", "scale").to_pyarrow()
    return result("measures", {name: found[name].to_pylist() for name in ("measure", "scale", "n")})


def _about_employees(by: Sequence[str], where: Mapping[str, Any] | None) -> bool:
    wanted = (where or {}).get("population", ())
    return "population" in by or Population.EMPLOYEE.value in ([wanted] if isinstance(wanted, str) else wanted)


def _columns(cells: Sequence[Cell]) -> dict[str, list[Any]]:
    shared = ("value", "low", "high", "se", "n", "n_eff", "method", "scale", "unit", "measure", "flags")
    return {
        **{name: [cell.by[name] for cell in cells] for name in cells[0].by},
        **{name: [getattr(cell, name) for cell in cells] for name in shared},
    }
