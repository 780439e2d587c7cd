"""The register of other people's figures: each with its source and the way it was made, or it is not taken in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from luotain.server.models.people import Member
from luotain.server.models.understand import Benchmark, MethodCard
from luotain.server.operations.people.events import record as record_event
from luotain.understand.compare import Card


class KnownAlready(Exception):
    """The register holds this figure of this source and year already, made the same way."""


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody else's figure as it is brought in."""

    name: str
    source: str
    year: int
    value: float
    n: int
    card: Card


def registered() -> list[Benchmark]:
    """Return every benchmark, the newest years first."""
    return list(Benchmark.objects.select_related("card").order_by("card__measure", "-year", "name"))


@transaction.atomic
def register_benchmark(*, told: Told, language: str, by: Member, now: datetime) -> Benchmark:
    """Take a benchmark in.

    ``language`` is that of the wording. Raises :class:`KnownAlready` where the same is there already.
    """
    card = told.card
    wording = {language: card.wording} if card.wording else {}
    method, _new = MethodCard.objects.get_or_create(
        name=told.name, measure=card.measure, scale=card.scale, mode=card.mode, timing=card.timing, wording=wording,
        population=card.population, sampling=card.sampling, weighting=card.weighting, response_rate=card.response_rate,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row = Benchmark.objects.create(
                card=method, name=told.name, source=told.source, year=told.year, value=told.value, n=told.n
            )
    except IntegrityError as known:
        raise KnownAlready from known
    record_event(kind="benchmark_registered", subject=row, by=by, now=now)
    return row


@transaction.atomic
def drop_benchmark(*, benchmark: Benchmark, by: Member, now: datetime) -> None:
    """Take a benchmark out of the register."""
    record_event(kind="benchmark_dropped", subject=benchmark, by=by, now=now)
    card = benchmark.card
    benchmark.delete()
    if not Benchmark.objects.filter(card=card).exists():
        card.delete()
