"""The copy in columns gives every figure that the database gives: after any history, at every moment."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from tests.server.understand.conftest import NOW, Tell

from luotain.server.models.bulk import insert_many
from luotain.server.models.listen import Fact, Feedback, Touchpoint
from luotain.server.models.understand import Segment, Store
from luotain.server.operations import listen
from luotain.server.operations.listen.facts import tell_anew
from luotain.server.operations.understand import measure, store
from luotain.server.operations.understand.figures import database_url, segments_folder
from luotain.terms import Emotion, Valence
from luotain.understand import measures, tables
from luotain.understand.kinds import measure_named
from luotain.understand.store import engine

pytestmark = pytest.mark.django_db(transaction=True)
EPOCH = date(1970, 1, 1)
GROUPS: tuple[tuple[str, ...], ...] = (
    (), ("month",), ("touchpoint",), ("touchpoint", "month"), ("market",), ("day",), ("market", "touchpoint"),
    ("touchpoint", "day"),
)  # fmt: skip
#: limits of a question, and the same as a condition on facts
LIMITS: tuple[tuple[dict[str, Any], Callable[[Fact], bool]], ...] = (
    ({}, lambda fact: True),
    ({"start": date(2026, 5, 1)}, lambda fact: fact.month >= 202605),
    ({"start": date(2026, 5, 6)}, lambda fact: EPOCH + timedelta(days=fact.day) >= date(2026, 5, 6)),
    ({"end": date(2026, 5, 31)}, lambda fact: fact.month <= 202605),
    ({"where": {"market": "FI"}}, lambda fact: fact.attributes.get("market") == "FI"),
    (
        {"where": {"touchpoint": "gate", "month": "2026-06"}},
        lambda fact: fact.month == 202606 and _carries(fact, "touchpoint", "gate"),
    ),
)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """A folder of the test's own for the files."""
    settings.LUOTAIN_SEGMENTS = tmp_path / "segments"
    return tmp_path / "segments"


def fold() -> store.Folded | None:
    return store.fold_now(worker="test", clock=timezone.now)


def standing() -> list[Fact]:
    gone = set(Fact.objects.filter(sign=-1).values_list("takes_back", flat=True))
    return [fact for fact in Fact.objects.filter(sign=1) if fact.pk not in gone]


def told(name: str, facts: list[Fact]) -> tuple[int, float]:
    """Return n and the figure of a measure by plain arithmetic."""
    mine = [fact for fact in facts if fact.measure == name]
    if name == "nps":
        points = [100 * (fact.value >= 9) - 100 * (fact.value <= 6) for fact in mine]
    elif name == "ces":
        points = [fact.value for fact in mine]
    else:
        people: dict[int, set[str]] = {}
        for fact in mine:
            people.setdefault(fact.feedback_id, set()).add(fact.label)
        points = [100 * ((s := _balance(named)) > 0) - 100 * (s < 0) for named in people.values()]
    return len(points), sum(points) / len(points) if points else 0.0


def _balance(named: set[str]) -> int:
    valences = [Emotion(label).valence for label in named]
    return valences.count(Valence.POSITIVE) - valences.count(Valence.NEGATIVE)


def check_figures(rng: random.Random) -> None:
    """Hold some figures, by something and limited to something, against plain arithmetic."""
    facts = standing()
    for name in ("nps", "ces", "emotion"):
        by, (limits, counts) = rng.choice(GROUPS), rng.choice(LIMITS)
        counted = [fact for fact in facts if counts(fact)]
        n, value = told(name, counted)
        cells = [cell for cell in measure(name, by=by, **limits) if cell.by.get("emotion") is None]
        assert cells[0].n == n, (name, by, limits)
        assert (cells[0].value or 0.0) == pytest.approx(value, abs=1e-9), (name, by, limits)
        assert sum(cell.n for cell in cells[1:]) == (n if by else 0), (name, by, limits)
        for cell in cells[1:]:
            mine = [fact for fact in counted if all(_carries(fact, *each) for each in cell.by.items())]
            assert (cell.n, cell.value) == pytest.approx(told(name, mine), abs=1e-9), (name, cell)


def _carries(fact: Fact, breakdown: str, value: Any) -> bool:
    if breakdown == "month":
        return f"{fact.month // 100}-{fact.month % 100:02}" == value
    if breakdown == "day":
        return EPOCH + timedelta(days=fact.day) == value
    if breakdown == "touchpoint":
        return Touchpoint.objects.get(pk=fact.touchpoint_id).code == value
    return breakdown == "emotion" or fact.attributes[breakdown] == value


@pytest.mark.parametrize("seed", range(3))
def test_any_history_gives_the_same_figures_from_files_counts_and_tail(tell: Tell, seed: int) -> None:
    rng = random.Random(seed)
    tell("nps", 10, scale="nps_0_10", touchpoint="gate", attributes={"market": "FI"})
    tell("nps", 3, scale="nps_0_10", touchpoint="desk", attributes={"market": "SE"})
    for _ in range(16):
        _something(rng, tell)
        check_figures(rng)
    fold()
    assert store.verify() == []


def _something(rng: random.Random, tell: Tell) -> None:
    """Do one thing that a day brings."""
    at = NOW - timedelta(days=rng.choice((0, 1, 40, 100)))
    more = {"at": at, "touchpoint": rng.choice(("gate", "desk")), "attributes": {"market": rng.choice(("FI", "SE"))}}
    chance = rng.random()
    feedbacks = list(Feedback.objects.values_list("pk", flat=True))
    if chance < 0.4 or not feedbacks:
        tell("nps", *(rng.randint(0, 10) for _ in range(rng.randint(1, 6))), scale="nps_0_10", **more)
        tell("ces", *(rng.randint(1, 7) for _ in range(2)), scale="ces_1_7", **more)
    elif chance < 0.6:
        tell("emotion", *(rng.choice(("joy", "trust", "anger", "relief")) for _ in range(3)), **more)
    elif chance < 0.7:
        _feel_more(rng.choice(feedbacks), rng)
    elif chance < 0.8:
        listen.take_back(rng.sample(feedbacks, min(2, len(feedbacks))), now=NOW)
    elif chance < 0.85:
        tell_anew(rng.choice(feedbacks), now=NOW, flagged=True)
    elif chance < 0.95:
        fold()
    else:
        store.rebuild(worker="test", clock=timezone.now)


def _feel_more(feedback: int, rng: random.Random) -> None:
    """Somebody who has answered names one more feeling, perhaps after the first has been folded."""
    first = Fact.objects.filter(feedback_id=feedback, measure="emotion").first()
    if first is not None:
        named = {f.attname: getattr(first, f.attname) for f in Fact._meta.concrete_fields}
        more = {"id": None, "sign": 1, "takes_back": None, "label": rng.choice(("joy", "anger"))}
        insert_many([Fact(**{k: v for k, v in (named | more).items() if k != "tx"})])


def test_a_figure_comes_from_the_counts_when_they_hold_its_columns(tell: Tell) -> None:
    tell("nps", *([10] * 40), scale="nps_0_10", touchpoint="gate")
    fold()
    opened = tables.open_tables(database_url(), segments_folder())
    assert (opened.tail.num_rows, Segment.objects.count(), Store.objects.get().version) == (0, 1, 1)
    by = ["scale", "touchpoint"]
    counted = opened.of_scores("as they are", measure_named("nps"), by, by, ())
    assert counted.select(["n", "top", "bottom"]).to_pylist() == [{"n": 40.0, "top": 40.0, "bottom": 0.0}]
    (kept,) = opened.files.kept.values()
    assert kept["nps"].n.tolist() == [40], "forty answers alike are one count"
    assert measure("nps", by=["touchpoint"])[1].n == 40


def test_counts_without_room_in_memory_are_read_from_their_files(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    tell("nps", *([10] * 40), scale="nps_0_10", touchpoint="gate")
    tell("nps", *([2] * 10), scale="nps_0_10", touchpoint="lounge")
    fold()
    tell("nps", 9, scale="nps_0_10", touchpoint="gate")
    roomy = measure("nps", by=["touchpoint"])
    assert [cell.n for cell in roomy] == [51, 41, 10]
    tables.forget()
    measures._remembered.clear()
    monkeypatch.setattr(engine, "_known", {})
    monkeypatch.setattr(engine, "_MOST_KEPT", 1)
    assert measure("nps", by=["touchpoint"]) == roomy
    (files,) = engine._known.values()
    assert not files.kept


def test_counts_of_older_files_make_room_for_those_of_newer_ones(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_MOST_KEPT", 2)
    found = []
    for at, touchpoint in enumerate(("gate", "lounge")):
        tell("nps", *([10] * 40), scale="nps_0_10", touchpoint=touchpoint)
        fold()
        opened = tables.open_tables(database_url(), segments_folder())
        assert measure("nps", by=["touchpoint"])[0].n == 40 * (at + 1)
        found.append(opened.files)
    older, newer = found
    assert (len(older.kept), len(newer.kept)) == (0, 1)
