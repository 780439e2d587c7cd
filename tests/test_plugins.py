"""The four open doors: what is installed is found, what is broken says so."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

import pytest

from luotain import plugins


class Half:
    """A measure that somebody has begun to write."""

    name = "half"


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Let a package declare entry points of its own."""

    def put(*entries: tuple[str, str]) -> None:
        found = EntryPoints(EntryPoint(name, value, "luotain.measures") for name, value in entries)
        monkeypatch.setattr(plugins, "entry_points", lambda group: found.select(group=group))
        plugins._found.cache_clear()
        plugins.load.cache_clear()

    yield put
    plugins._found.cache_clear()
    plugins.load.cache_clear()


def test_the_built_in_measures_are_found_like_any_other() -> None:
    assert {"nps", "ces", "csat", "emotion"} <= set(plugins.names("luotain.measures"))
    for name in plugins.names("luotain.measures"):
        assert isinstance(plugins.load("luotain.measures", name), plugins.Measure)


def test_a_plugin_that_cannot_be_imported_names_itself_and_the_remedy(declare: Any) -> None:
    declare(("loyalty", "no_such_package.loyalty:LOYALTY"))
    with pytest.raises(
        plugins.BrokenPlugin, match=r"'loyalty' of luotain.measures .*no_such_package.*Upgrade or remove"
    ):
        plugins.load("luotain.measures", "loyalty")


def test_a_plugin_that_lacks_a_part_of_the_protocol_says_which(declare: Any) -> None:
    declare(("half", f"{__name__}:Half"))
    with pytest.raises(plugins.BrokenPlugin, match="lacks by_feedback, estimate, parts, scale, scores, sums"):
        plugins.load("luotain.measures", "half")


def test_two_plugins_of_one_name_are_refused(declare: Any) -> None:
    declare(("nps", "a:b"), ("nps", "c:d"))
    with pytest.raises(plugins.BrokenPlugin, match="same name"):
        plugins.names("luotain.measures")


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(plugins.UnknownPlugin, match="csat"):
        plugins.load("luotain.measures", "loyalty")
    with pytest.raises(plugins.UnknownPlugin, match=r"luotain\.coders"):
        plugins.names("luotain.cakes")
