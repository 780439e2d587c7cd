"""Any figure, limited to the units that the reader reaches; and how everything in this room reads the facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import duckdb
from django.conf import settings
from django.db import connection

from luotain.people.access import reaches_all
from luotain.understand import measures
from luotain.understand.estimate import Cell
from luotain.understand.tables import Tables, open_tables, suspect

T = TypeVar("T")


def database_url() -> str:
    """Return the address of the database that Django is connected to."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{quote(str(told['NAME']))}"
    user = quote(told["USER"], safe="")
    password = f":{quote(told['PASSWORD'], safe='')}" if told["PASSWORD"] else ""
    port = f":{told['PORT']}" if told["PORT"] else ""
    return f"postgresql://{user}{password}@{told['HOST']}{port}/{quote(str(told['NAME']))}"


def segments_folder() -> Path:
    """Return the folder of the files that hold the copy of the facts."""
    return Path(settings.LUOTAIN_SEGMENTS)


def read(ask: Callable[[Tables], T]) -> T:
    """Return what ``ask`` makes of all that is committed now.

    Where a file turns out to be broken in the middle, or has gone because another stands in its place by now, ``ask``
    is asked again; the months of broken files are read from the database.
    """
    url, folder = database_url(), segments_folder()
    tables = open_tables(url, folder)
    try:
        return ask(tables)
    except duckdb.Error:
        suspect(url, folder, tables)
        return ask(open_tables(url, folder))


def measure(
    name: str,
    *,
    by: Sequence[str] = (),
    where: Mapping[str, Any] | None = None,
    start: date | None = None,
    end: date | None = None,
    reach: Sequence[str] | None = None,
    newest: bool = False,
    rolling: int = 0,
    flagged: bool | None = None,
) -> list[Cell]:
    """Return the figures of a measure: the overall cell first, then one for each value of the breakdowns.

    Parameters
    ----------
    name : ``nps``, ``ces``, ``csat``, ``emotion``, or any measure that answers have been declared for
    by : breakdowns: touchpoint, stage, channel, unit, tier, programme, month, week, day, language, population, or the
        name of an attribute
    where : breakdown -> the value, or values, that are counted
    start, end : first and last day, both included, in the organization's time zone
    reach : paths of the units that the reader reaches; ``None``: everything
    newest : count only each customer's newest answer, of those that the other limits let through
    rolling : 0, or how many days each figure spans: then there is one for each day
    flagged : ``False`` leaves doubtful answers out, ``True`` counts only them, ``None`` counts all

    Answers of customers only, unless ``where`` or ``by`` names a population. The cells are not yet limited to what may
    be shown of few answers: see :func:`luotain.understand.estimate.as_shown`.
    """

    def ask(tables: Tables) -> list[Cell]:
        limits = measures.Limits(where, start, end, units_in(tables, reach), newest=newest, flagged=flagged)
        if rolling:
            return measures.rolling(tables, name, days=rolling, by=by, limits=limits)
        return measures.cells(tables, name, by=by, limits=limits)

    return read(ask)


def units_in(tables: Tables, reach: Sequence[str] | None) -> set[int | None] | None:
    """Return the ids of the units in reach; who reaches the top also sees what belongs to no unit."""
    if reach is None or reaches_all(reach):
        return None
    units = tables.dimensions["unit"].items()
    return {key for key, unit in units if any(unit.path.startswith(path) for path in reach)}
