"""The colours can be read in both modes, and the pages and the charts use the same ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from luotain import palette

STATIC = Path(palette.__file__).parent / "server" / "static" / "luotain"
MODES = {"light": palette.LIGHT, "dark": palette.DARK}
TEXT = [(mode, text, ground) for mode in MODES for text, grounds in palette.TEXT_ON.items() for ground in grounds]
SHAPES = [(mode, shape, ground) for mode in MODES for shape, grounds in palette.SHAPE_ON.items() for ground in grounds]


def declared(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", css))


@pytest.mark.parametrize(("mode", "text", "ground"), TEXT)
def test_every_text_stands_out_from_its_ground(mode: str, text: str, ground: str) -> None:
    assert palette.contrast(MODES[mode][text], MODES[mode][ground]) >= 4.5


@pytest.mark.parametrize(("mode", "shape", "ground"), SHAPES)
def test_every_shape_stands_out_from_its_ground(mode: str, shape: str, ground: str) -> None:
    assert palette.contrast(MODES[mode][shape], MODES[mode][ground]) >= 3


def test_contrast_is_reckoned_as_the_guidelines_say() -> None:
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert palette.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_the_pages_have_the_colours_of_the_palette_in_both_modes() -> None:
    light, by_system, by_hand = re.findall(r"color-scheme: \w+;([^}]*)}", (STATIC / "tokens.css").read_text())
    assert declared(light) == palette.LIGHT
    assert declared(by_system) == declared(by_hand) == palette.DARK


def test_no_other_stylesheet_brings_colours_of_its_own() -> None:
    for sheet in ("app.css", "respondent.css"):
        text = re.sub(r"/\*.*?\*/", "", (STATIC / sheet).read_text(), flags=re.S)
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s,)])", text), sheet


def test_every_token_that_a_stylesheet_uses_is_declared() -> None:
    known = set(re.findall(r"--([a-z0-9-]+):", (STATIC / "tokens.css").read_text()))
    for sheet in ("app.css", "respondent.css", "kiosk.css"):
        used = set(re.findall(r"var\(--([a-z0-9-]+)", (STATIC / sheet).read_text()))
        assert used <= known, sheet


def test_the_respondents_stylesheet_stays_small() -> None:
    assert (STATIC / "respondent.css").stat().st_size + (STATIC / "tokens.css").stat().st_size < 14_000
    assert (STATIC / "respondent.css").stat().st_size <= 10_240


def test_a_chart_can_be_turned_to_either_mode_because_no_colour_has_two_names() -> None:
    assert len(set(palette.LIGHT.values())) == len(palette.LIGHT)
    assert palette.LIGHT.keys() == palette.DARK.keys()
