"""JSON files stream a record at a time, in whatever form they come."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luotain.listen.importers import jsonfile
from luotain.listen.importers.jsonfile import JSONImporter, flat, values
from luotain.listen.importers.problem import CannotImport, NotReadable

RECORDS = [{"id": 1, "text": 'a, [b] {c} "d"'}, {"id": 2, "text": "ä😀\n"}]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RECORDS),
        json.dumps(RECORDS, indent=2, ensure_ascii=False),
        "\n".join(map(json.dumps, RECORDS)),
        json.dumps({"count": 2, "next": None, "tickets": RECORDS, "end": [1]}),
        json.dumps({"took": 3, "hits": {"total": {"value": 2}, "hits": RECORDS}}),
    ],
)
def test_the_records_are_found_in_every_form(text: str) -> None:
    assert list(values(io.StringIO(text))) == RECORDS


def test_a_record_with_lists_of_its_own_is_one_record() -> None:
    one = {"id": "r", "answers": [{"q": 1}], "data": {"why": "x"}, "tags": []}
    assert list(values(io.StringIO(json.dumps(one)))) == [one]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


@given(st.lists(st.dictionaries(st.text(max_size=5), json_values, max_size=5), max_size=8), st.integers(1, 9))
def test_wherever_a_block_ends_the_records_are_the_same(told: list[dict[str, Any]], block: int) -> None:
    before, jsonfile._BLOCK = jsonfile._BLOCK, block
    try:
        assert list(values(io.StringIO(json.dumps(told)))) == told
    finally:
        jsonfile._BLOCK = before


@pytest.mark.parametrize("text", ['[{"a": 1}, {"b": ', '{"a": 1', '[{"a" 1}]', '[{"a": 1} {"b": 2}]', "[" * 100_000])
def test_what_is_broken_is_refused_with_its_remedy(text: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotReadable, match="export it again"), JSONImporter().open(path) as table:
        list(table.records)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "any.json"
    path.write_bytes(b'[{"a":' + content)
    try:
        with JSONImporter().open(path) as table:
            list(table.records)
    except CannotImport:
        return


def test_what_stands_inside_is_named_by_its_path_and_what_is_no_record_says_so(tmp_path: Path) -> None:
    assert flat({"a": {"b": {"c": 1.0}}, "d": [1, "x", None, {"e": True}], "f": None}) == {
        "a.b.c": "1", "d": '1; x; {"e": true}', "f": "",
    }  # fmt: skip
    path = tmp_path / "mixed.json"
    path.write_text('[{"a": 1}, 7, {"b": false}]', encoding="utf-8")
    with JSONImporter().open(path) as table:
        told = list(table.records)
    assert table.columns == ("a", "b")
    assert (told[1].problem is not None, told[2].cells) == (True, ("", "false"))


def test_too_many_names_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.json"
    path.write_text(json.dumps([{f"c{n}": n for n in range(2001)}]), encoding="utf-8")
    with pytest.raises(NotReadable, match="at most 2,000"), JSONImporter().open(path):
        pass
