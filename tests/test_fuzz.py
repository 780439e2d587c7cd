"""What the search for broken inputs begins with, what it feeds, and how it tells what it found."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.fuzz import corpus, told
from benchmarks.fuzz.targets import targets

from luotain.listen.importers.look import importer_named, importers, look_at
from luotain.terms import HookKind, ImportKind

#: exports that no column of a small file tells from any other table
_ASKED_FOR_BY_NAME = {"table", "json"}


def test_every_importer_and_every_kind_of_webhook_is_searched() -> None:
    named = set(targets())
    assert {f"importer {importer.name}" for importer in importers(ImportKind.FEEDBACK)} <= named
    assert {f"webhook {kind}" for kind in HookKind} <= named


@pytest.mark.parametrize("name", targets())
def test_what_a_search_begins_with_is_there_and_breaks_nothing(name: str) -> None:
    seeds = corpus.seeds(name)
    assert seeds
    for seed in seeds:
        targets()[name](seed)


@pytest.mark.parametrize("name", sorted(set(corpus.files()) - _ASKED_FOR_BY_NAME))
def test_the_small_files_are_recognised_by_their_own_importer(name: str, tmp_path: Path) -> None:
    for data in corpus.files()[name]:
        path = tmp_path / "file"
        path.write_bytes(data)
        assert importer_named(name).recognises(look_at(path)) > 0.5, data[:80]


def test_a_search_tells_how_much_it_fed_and_what_broke() -> None:
    quiet = "stat::number_of_executed_units: 4711\nstat::peak_rss_mb:              155\n"
    assert (told("mapping", quiet, 0).executions, told("mapping", quiet, 0).memory) == (4711, 155)
    assert told("mapping", quiet, 0).fault == ""
    broken = told("mapping", f"KeyError: 'nps'\nTraceback\nTest unit written to /x/crash-1\n{quiet}", 77)
    assert broken.fault == "KeyError: 'nps' Test unit written to /x/crash-1"
    assert "out-of-memory" in told("mapping", "==7== ERROR: libFuzzer: out-of-memory (used: 1025Mb)", 71).fault
    assert told("mapping", "", 1).fault == "nothing told"
