"""The frame of the benchmarks: its arithmetic, its contests, and the page that it writes."""

from __future__ import annotations

import math
import sqlite3
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from benchmarks import __main__, data, figures, frame, page, rules
from benchmarks.frame import Benchmark, Contestant, Outcome, Run, Section, Table, Verdict

from luotain.respond.triage import Rule

MACHINE = {"processor": "two cores", "memory": "24 GiB", "system": "Debian", "packages": "duckdb 2.0.0"}


def outcome(*seconds: float) -> Outcome:
    return Outcome("any", seconds, 0)


def sleeper(seconds: float, answer: int) -> Run:
    def act() -> int:
        time.sleep(seconds)
        return answer

    return Run(act)


def keeper(size: int) -> Run:
    kept: list[bytes] = []

    def act() -> int:
        kept.append(b"x" * size)
        return len(kept)

    return Run(act)


def breaker() -> Run:
    raise ValueError("no such file as facts.parquet")


def test_the_middle_of_the_times_is_told_and_not_the_best() -> None:
    assert outcome(0.1, 0.9, 0.2).median == 0.2
    assert outcome(0.1, 0.9, 0.2).milliseconds == 200


def test_a_ratio_is_of_turns_and_not_of_medians() -> None:
    """A machine that is busy in one turn is busy for both."""
    assert frame.ratio(outcome(1, 10, 3), outcome(2, 5, 2)) == 1.5
    with pytest.raises(ValueError, match="zip"):
        frame.ratio(outcome(1, 2), outcome(1))


def test_an_exponent_is_the_slope_of_the_logarithms() -> None:
    sizes = [1e5, 1e6, 1e7, 1e8]
    assert frame.exponent(sizes, [3e-7 * size for size in sizes]) == pytest.approx(1)
    assert frame.exponent(sizes, [2e-9 * size**1.5 for size in sizes]) == pytest.approx(1.5)
    assert frame.exponent(sizes, [0.02] * 4) == pytest.approx(0)
    with pytest.raises(ValueError, match="two sizes"):
        frame.exponent([1e6, 1e6], [1, 2])


@pytest.mark.parametrize(
    ("verdict", "met"),
    [
        (Verdict("q1", 25, 25, "ms"), True),
        (Verdict("q1", 25.1, 25, "ms"), False),
        (Verdict("posts", 1200, 1200, "/s", at_least=True), True),
        (Verdict("posts", 1199, 1200, "/s", at_least=True), False),
        (Verdict("could not be measured", math.nan, 1, "s"), False),
    ],
)
def test_a_target_is_met_at_its_limit_and_not_beyond(verdict: Verdict, met: bool) -> None:
    assert verdict.met is met


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.01234, "0.0123"), (1.234, "1.23"), (12.34, "12.3"), (999.6, "1,000"), (60_000.4, "60,000"), (math.nan, "–")],
)
def test_figures_show_three_digits(value: float, shown: str) -> None:
    assert frame.figure(value) == shown


def test_contestants_take_turns_in_processes_of_their_own() -> None:
    quick, slow = frame.contest(
        [Contestant("quick", sleeper, (0.01, 7)), Contestant("slow", sleeper, (0.05, 7))], turns=3
    )
    assert (len(quick.seconds), len(slow.seconds)) == (3, 3)
    assert frame.ratio(slow, quick) > 2
    assert quick.answer == slow.answer == 7


def test_a_contest_ends_where_the_answers_differ() -> None:
    with pytest.raises(frame.Disagree, match="ours and theirs"):
        frame.contest([Contestant("ours", sleeper, (0, 7)), Contestant("theirs", sleeper, (0, 8))], turns=1)


def test_a_broken_contestant_says_why() -> None:
    with pytest.raises(frame.Failed, match=r"no such file as facts\.parquet"):
        frame.alone(Contestant("broken", breaker))


def test_memory_is_the_contestants_own() -> None:
    small, large = frame.contest(
        [Contestant("small", keeper, (1000,)), Contestant("large", keeper, (200_000_000,))], turns=1, warm_up=0
    )
    assert large.peak - small.peak == pytest.approx(200_000_000, rel=0.1)


def test_a_fresh_contestant_remembers_nothing() -> None:
    assert frame.alone(Contestant("fresh", keeper, (10,), fresh=True), turns=2).answer == 1
    assert frame.alone(Contestant("lasting", keeper, (10,)), turns=2).answer == 2


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(page, "PAGE", tmp_path / "performance.md")
    monkeypatch.setattr(page, "RESULTS", tmp_path / "results.json")
    page.PAGE.write_text(f"# Old\n\n{page.BY_HAND}## Demo\n\n60 seconds.\n{page.END}\n", encoding="utf-8")
    return page.PAGE


def told(**changed: Any) -> Section:
    return Section(**{
        "said": "Ten million rows.",
        "tables": (Table(("engine", "ms"), (("ours", "12.3"),), "q1"),),
        "verdicts": (Verdict("q1 from counts", 12.3, 25, "ms"),),
        "notes": ("One note.",),
        **changed,
    })  # fmt: skip


def record(name: str, section: Section) -> None:
    now = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
    benchmark = Benchmark(name, name.title(), run=lambda: section)
    page.record(benchmark, section, machine=MACHINE, size="full", now=now, order=("figures", "fold"))


def test_a_section_is_renewed_alone_and_what_a_person_wrote_stays(written: Path) -> None:
    record("fold", told(said="One million rows.", verdicts=(Verdict("fold", 12, 10, "s"),)))
    record("figures", told())
    record("figures", told(said="Ten million rows, again."))
    text = written.read_text(encoding="utf-8")
    assert "Ten million rows, again." in text
    assert "Ten million rows.\n" not in text
    assert text.index("## Figures") < text.index("## Fold") < text.index("60 seconds.")
    assert "| q1 from counts | ≤ 25.0 ms | 12.3 ms | met |" in text
    assert "| fold | ≤ 10.0 s | 12.0 s | **not met** |" in text
    assert text.count("two cores") == 1


def test_the_page_is_what_the_results_say() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(page.read(), page.by_hand(), __main__.NAMES)


def test_every_benchmark_is_there_and_named_as_its_module() -> None:
    for name in __main__.NAMES:
        assert __main__.benchmark(name).name == name
        assert __main__.benchmark(name).quick.keys() <= __main__.benchmark(name).full.keys()


def test_an_unknown_benchmark_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        __main__.main(["guess"])
    assert "inbox" in capsys.readouterr().err


def test_our_rules_decide_as_the_peer_does() -> None:
    """The benchmark of rules in small: it ends where the two disagree on any voice."""
    pytest.importorskip("zen", reason="the peers are installed by `make bench` alone")
    section = rules.run(voices=300, turns=1)
    assert [row[0] for row in section.tables[0].rows] == ["ours", "zen-engine, one by one", "zen-engine, all at once"]


def test_a_rule_that_the_peers_table_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="vip states more"):
        rules.table([Rule("vip", contact_wanted=True, touchpoint=3)])


@pytest.mark.slow
def test_the_three_questions_are_answered_alike_by_all() -> None:
    """The benchmark of figures in small: it ends where ours, raw SQL, Polars, pandas and numpy disagree."""
    pytest.importorskip("polars", reason="the peers are installed by `make bench` alone")
    section = figures.run(sizes=(20_000, 30_000), turns=1)
    assert [len(table.rows) for table in section.tables] == [6, 5, 6, 8, 15]


def test_every_engine_makes_up_the_same_facts() -> None:
    month = data.months(36_000)[1]
    with closing(sqlite3.connect(":memory:")) as db:
        ours = sorted(db.execute(data.facts_of(month, data.SQLITE)).fetchall())
    with closing(duckdb.connect()) as db:
        theirs = sorted(db.execute(data.facts_of(month, data.DUCKDB)).fetchall())
    assert ours == theirs
    told = Counter(row[4] for row in ours)
    assert told["nps"] == 1000
    assert told == {"nps": 1000, "ces": pytest.approx(200, abs=40), "csat": pytest.approx(200, abs=40),
                    "emotion": pytest.approx(150, abs=40)}  # fmt: skip
