"""What is understood: figures with their intervals, limited to the units that the reader reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import quote

from django.db import connection

from luotain.server.models.listen import Journey, JourneyStage, Touchpoint
from luotain.server.models.understand import Benchmark
from luotain.terms import OFFICIAL_SCALE, SCALES, MeasureName, Population
from luotain.understand import measures
from luotain.understand.estimate import Cell, Showing, all_as_shown, as_shown
from luotain.understand.tables import Tables, open_tables

#: the three measures that the journey overview shows of each touchpoint
OVERVIEW: Final = (MeasureName.NPS.value, MeasureName.CES.value, MeasureName.CSAT.value)


def database_url() -> str:
    """Return the address of the database that Django is connected to."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{quote(str(told['NAME']))}"
    user = quote(told["USER"], safe="")
    password = f":{quote(told['PASSWORD'], safe='')}" if told["PASSWORD"] else ""
    port = f":{told['PORT']}" if told["PORT"] else ""
    return f"postgresql://{user}{password}@{told['HOST']}{port}/{quote(str(told['NAME']))}"


def measure(
    name: str,
    *,
    by: Sequence[str] = (),
    where: Mapping[str, Any] | None = None,
    start: date | None = None,
    end: date | None = None,
    reach: Sequence[str] | None = None,
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

    Answers of customers only, unless ``where`` or ``by`` names a population. The cells are not yet limited to what may
    be shown of few answers: see :func:`luotain.understand.estimate.as_shown`.
    """
    tables = open_tables(database_url())
    limits = measures.Limits(where, start, end, _units(tables, reach))
    return measures.cells(tables, name, by=by, limits=limits)


def _units(tables: Tables, reach: Sequence[str] | None) -> set[int | None] | None:
    """Return the ids of the units in reach; who reaches the top also sees what belongs to no unit."""
    if reach is None or any(path.count("/") == 1 for path in reach):
        return None
    units = tables.dimensions["unit"].items()
    return {key for key, unit in units if any(unit.path.startswith(path) for path in reach)}
