"""How long respondents took, as a file tells: kept with the voice, and a doubt where it was too fast."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from luotain.listen.importers.mapping import Duration, check_columns, read_mapping
from luotain.listen.importers.problem import WrongMapping
from luotain.listen.importers.reading import Record
from luotain.listen.importers.records import Reader
from luotain.listen.importers.survey import survey
from luotain.listen.importers.timing import seconds_of
from luotain.listen.submission import Submission

COLUMNS = ("id", "when", "nps", "why", "took", "done")
TOML = """
id = "id"
occurred_at = "when"
touchpoint = "desk"
verbatim = ["why"]
duration = "took"
completed = "done"
[[answers]]
column = "nps"
measure = "nps"
scale = "nps_0_10"
"""


def row(number: int, took: str, *, why: str = "", done: str = "yes") -> Record:
    return Record(number, (str(number), "2026-05-01", "9", why, took, done))


def read(records: Sequence[Record], toml: str = TOML, **more: object) -> tuple[list[Submission], Reader]:
    """Read records as an import does: looked through first, then each."""
    mapping = read_mapping(toml)
    found = survey(mapping, COLUMNS, records)
    reader = Reader(mapping, COLUMNS, "Europe/Helsinki", too_fast=found.too_fast, **more)  # type: ignore[arg-type]
    voices = [voice for record in records for voice in reader.read(record)]
    return [voice for voice in voices if isinstance(voice, Submission)], reader


@pytest.mark.parametrize(
    ("text", "unit", "seconds"),
    [
        ("42", "seconds", 42), ("4,5", "seconds", 4.5), ("1.5", "minutes", 90), ("1500", "milliseconds", 1.5),
        ("1:05", "seconds", 65), ("0:01:05", "minutes", 65), ("1:00:00", "seconds", 3600), ("2:03,5", "seconds", 123.5),
        ("0", "seconds", 0),
        ("−3", "seconds", None), ("soon", "seconds", None), ("1:75", "seconds", None), ("1e999", "seconds", None),
    ],
)  # fmt: skip
def test_a_duration_is_a_number_in_its_unit_or_a_clock(text: str, unit: str, seconds: float | None) -> None:
    assert seconds_of(Duration("took", unit), text) == seconds


def test_the_duration_is_kept_with_the_voice() -> None:
    (slow, silent), _ = read([row(1, "95.5"), row(2, "")])
    assert slow.attributes == {"duration_seconds": "95.5"}
    assert (slow.flags, silent.flags, silent.attributes) == ((), (), {})


def test_faster_than_anybody_reads_is_doubtful_in_the_smallest_file() -> None:
    titles = {"nps": "How likely is it that you would recommend us to a friend or a colleague?" * 2}
    (quick, slow), _ = read([row(1, "1.9"), row(2, "3")], titles=titles)
    assert (quick.flags, slow.flags) == (("speeder",), ())
    (unasked, _), _ = read([row(1, "1.9"), row(2, "3")])
    assert unasked.flags == (), "without the questions' words only the taps take time"


def test_words_above_a_text_count_only_where_it_was_written() -> None:
    titles = {"why": "word " * 60}
    (silent, written), _ = read([row(1, "3"), row(2, "3", why="Slow")], titles=titles)
    assert (silent.flags, written.flags) == ((), ("speeder",))


def test_a_third_of_the_median_is_too_fast_where_a_hundred_tell() -> None:
    many = [row(n, "60") for n in range(1, 100)]
    enough, _ = read([*many, row(100, "19"), row(101, "21")])
    assert [voice.flags for voice in enough[-2:]] == [("speeder",), ()]
    few, _ = read([*many[:50], row(100, "19")])
    assert few[-1].flags == ()


def test_who_left_half_way_is_no_speeder_and_does_not_move_the_median() -> None:
    halves = [row(n, "5", done="no") for n in range(1, 300)]
    voices, _ = read([*halves, *(row(n, "60") for n in range(300, 400)), row(400, "19")])
    assert voices[0].flags == ()
    assert voices[-1].flags == ("speeder",)


def test_what_tells_no_duration_is_counted_and_the_voice_is_kept() -> None:
    voices, reader = read([row(1, "quick"), row(2, "-4")])
    assert len(voices) == 2
    assert {str(said): count for said, count in reader.warnings.items()} == {
        "took: no duration can be read; kept without one": 2
    }


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ('{ column = "took", unit = "hours" }', "use one of seconds, minutes, milliseconds"),
        ('{ unit = "minutes" }', "needs duration.column"),
        ('{ column = "took", units = "minutes" }', "did you mean unit?"),
        ("7", "duration = 7"),
        ('{ column = 3 }', "duration.column|column = 3"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_declaration_names_the_remedy(told: str, says: str) -> None:
    with pytest.raises(WrongMapping, match=says):
        read_mapping(TOML.replace('duration = "took"', f"duration = {told}"))


def test_a_column_of_durations_that_is_not_there_is_named() -> None:
    with pytest.raises(WrongMapping, match="no column 'took'"):
        check_columns(read_mapping(TOML), ("id", "when", "nps", "why", "tooks", "done"))
