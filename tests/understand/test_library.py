"""Every public name of the library is there, says what it is, and its examples are true."""

from __future__ import annotations

import doctest
import inspect
from importlib import import_module

import pytest

import luotain

NAMES = [name for name in luotain.__all__ if not name.startswith("__")]
MODULES = sorted({*luotain._PUBLIC.values()})


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_says_what_it_is(name: str) -> None:
    assert name in dir(luotain)
    assert len(inspect.getdoc(getattr(luotain, name)) or "") > 30


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_library_are_true(name: str) -> None:
    found = doctest.testmod(import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.failed == 0


def test_the_main_functions_have_examples() -> None:
    tried = [name for name in NAMES if ">>>" in (inspect.getdoc(getattr(luotain, name)) or "")]
    assert {"nps", "ces", "csat", "share", "mean", "compare", "contrast", "pool", "adjust", "connect"} <= set(tried)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(AttributeError, match="'npss'"):
        luotain.npss  # noqa: B018
