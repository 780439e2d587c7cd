"""Other people's figures beside ours, where the two may be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from luotain.server.models.base import in_language
from luotain.server.models.listen import Programme
from luotain.server.models.understand import Benchmark
from luotain.server.operations.understand.figures import read
from luotain.terms import OFFICIAL_SCALE, Population
from luotain.understand.compare import Card, Comparison, compare
from luotain.understand.estimate import Cell
from luotain.understand.tables import Tables


@dataclass(frozen=True, slots=True)
class Beside:
    """Somebody else's figure beside ours, and whether the two may be compared."""

    benchmark: Benchmark
    comparison: Comparison


def benchmarks_beside(cell: Cell, *, where: Mapping[str, Any] | None = None) -> list[Beside]:
    """Return the benchmarks of a measure, each with the difference from ``cell`` or with what makes it impossible."""
    ours = own_card(cell.measure, where=where)
    return [
        Beside(row, compare(cell, ours, Cell(row.value, None, None, row.n or 0, ""), _card(row)))
        for row in Benchmark.objects.filter(card__measure=cell.measure).select_related("card").order_by("-year", "name")
    ]


def own_card(name: str, *, where: Mapping[str, Any] | None = None) -> Card:
    """Return how our own figure is made, as far as the facts themselves tell."""
    modes, programmes = read(lambda tables: (_channels(tables, name), tables.used(name, "programme")))
    kinds = sorted(set(Programme.objects.filter(pk__in=programmes).values_list("kind", flat=True)))
    population = str((where or {}).get("population", Population.CUSTOMER.value))
    return Card(name, OFFICIAL_SCALE.get(name, ""), mode="+".join(modes), timing="+".join(kinds), population=population)


def _card(row: Benchmark) -> Card:
    card = row.card
    return Card(
        card.measure, card.scale, in_language(card.wording), card.mode, card.timing, card.population, card.sampling,
        card.weighting, card.response_rate,
    )  # fmt: skip


def _channels(tables: Tables, name: str) -> list[str]:
    found = [tables.dimensions["channel"].get(key) for key in tables.used(name, "channel")]
    return sorted(channel.code for channel in found if channel)
