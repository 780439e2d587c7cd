"""The picture of how matters move from channel to channel: bars for each step, ribbons between them.

Drawn as plain SVG in the palette's own colours; a table with the same numbers stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from luotain.palette import LIGHT
from luotain.understand.channels import Flow

SIZE: Final = (760, 380)
_BAR: Final = 14
_TOP: Final = 34
_GAP: Final = 12
#: room for names on either side of the bars of the first and the last step
_SIDE: Final = 150
#: a bar lower than this still shows
_LEAST: Final = 2.0
_COLOURS: Final = tuple(LIGHT[f"series-{number}"] for number in range(1, 7))

Place = dict[str, tuple[float, float]]


def flow_chart(shown: Flow, *, names: Mapping[str, str], titles: tuple[str, ...]) -> str:
    """Return the SVG of a flow; without any hop it is empty.

    Parameters
    ----------
    names
        What each channel is called.
    titles
        What stands above each step, in order.
    """
    if len(shown.steps) < 2:
        return ""
    width, height = SIZE
    most = sum(shown.steps[0].values())
    room = height - _TOP - _GAP * max(len(step) for step in shown.steps)
    scale = room / most
    colours = {code: _COLOURS[at % len(_COLOURS)] for at, code in enumerate({**shown.steps[0], **shown.steps[1]})}
    places = [_places(step, scale) for step in shown.steps]
    across = [_SIDE + at * (width - 2 * _SIDE) / (len(places) - 1) for at in range(len(places))]
    parts = [*_ribbons(shown, places, across, scale, colours)]
    for at, place in enumerate(places):
        last = at == len(places) - 1
        parts.append(_text(across[at], 14, titles[at], "end" if not at else "start" if last else "middle", bold=True))
        for code, (y, tall) in place.items():
            parts.append(
                f'<rect x="{across[at] - _BAR / 2:.1f}" y="{y:.1f}" width="{_BAR}" height="{tall:.1f}" rx="2" '
                f'fill="{colours.get(code, _COLOURS[0])}"/>'
            )
            side, anchor = (-_BAR, "end") if not at else (_BAR, "start")
            label = f"{names.get(code, code)} {shown.steps[at][code]}"
            parts.append(_text(across[at] + side, y + tall / 2 + 4, label, anchor))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{"".join(parts)}</svg>'


def _places(step: Mapping[str, int], scale: float) -> Place:
    """Return where the bar of each channel begins and how tall it is."""
    y, found = float(_TOP), {}
    for code, n in step.items():
        tall = max(n * scale, _LEAST)
        found[code] = (y, tall)
        # names below each other must not touch
        y += max(tall, 6.0) + _GAP
    return found


def _ribbons(
    shown: Flow, places: list[Place], across: list[float], scale: float, colours: Mapping[str, str]
) -> list[str]:
    left: dict[tuple[int, str], float] = {}
    right: dict[tuple[int, str], float] = {}
    found = []
    for hop in shown.hops:
        if hop.step >= len(places):
            continue
        tall = hop.n * scale
        start, end = places[hop.step - 1][hop.first][0], places[hop.step][hop.second][0]
        y = start + left.get((hop.step, hop.first), 0.0)
        other = end + right.get((hop.step, hop.second), 0.0)
        left[hop.step, hop.first] = y + tall - start
        right[hop.step, hop.second] = other + tall - end
        x, to = across[hop.step - 1] + _BAR / 2, across[hop.step] - _BAR / 2
        middle = (x + to) / 2
        found.append(
            f'<path d="M{x:.1f},{y:.1f}C{middle:.1f},{y:.1f} {middle:.1f},{other:.1f} {to:.1f},{other:.1f}'
            f"V{other + tall:.1f}C{middle:.1f},{other + tall:.1f} {middle:.1f},{y + tall:.1f} {x:.1f},{y + tall:.1f}Z"
            f'" fill="{colours.get(hop.first, _COLOURS[0])}" fill-opacity="0.28"/>'
        )
    return found


def _text(x: float, y: float, words: str, anchor: str, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="12.5" fill="{LIGHT["ink-soft"]}"{weight}>'
        f"{escape(words)}</text>"
    )
