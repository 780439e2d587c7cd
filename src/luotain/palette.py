"""The product's colours, once for the light and once for the dark mode.

``static/luotain/tokens.css`` declares the same colours for the pages; a test holds the two together and computes the
contrast of every pair in :data:`TEXT_ON` and :data:`SHAPE_ON` (WCAG 2.2, success criteria 1.4.3 and 1.4.11).
Charts are drawn in the colours of :data:`LIGHT`; the page turns them to the reader's mode by these names.
"""

from __future__ import annotations

from typing import Final

LIGHT: Final[dict[str, str]] = {
    # surfaces: winter light
    "ground": "#f5f7f7",
    "surface": "#ffffff",
    "sunken": "#edf1f1",
    "line": "#dde4e5",
    "line-strong": "#7d8b90",
    # ink: the sea in November
    "ink": "#14232a",
    "ink-soft": "#42545c",
    "ink-faint": "#586a72",
    # the one accent: fjord
    "accent": "#0b6170",
    "accent-strong": "#084a56",
    "accent-wash": "#e0eff1",
    "on-accent": "#fdfefe",
    # what a state means, never alone: always with a word or a shape
    "good": "#1f6a43",
    "good-wash": "#e3f1e8",
    "warn": "#7d5200",
    "warn-wash": "#f9eed7",
    "bad": "#a02c3f",
    "bad-wash": "#fae7ea",
    # charts: the series, and the band of what we do not know
    "series-1": "#0d6271",
    "series-2": "#b4571c",
    "series-3": "#5a5aa6",
    "series-4": "#62711a",
    "series-5": "#98457b",
    "series-6": "#53666f",
    "band": "#bfdce0",
    "grid": "#e3e9ea",
}

DARK: Final[dict[str, str]] = {
    "ground": "#0f171b",
    "surface": "#162126",
    "sunken": "#1c292f",
    "line": "#2a3a41",
    "line-strong": "#71848c",
    "ink": "#e8eef0",
    "ink-soft": "#b4c2c8",
    "ink-faint": "#93a5ad",
    "accent": "#62c1cd",
    "accent-strong": "#8ed6df",
    "accent-wash": "#173a42",
    "on-accent": "#06191d",
    "good": "#79c99a",
    "good-wash": "#17342a",
    "warn": "#e2b45c",
    "warn-wash": "#3a2f17",
    "bad": "#f0919e",
    "bad-wash": "#41222a",
    "series-1": "#63c2ce",
    "series-2": "#e59a63",
    "series-3": "#a3a4ea",
    "series-4": "#b3c15c",
    "series-5": "#dd92c4",
    "series-6": "#9db0b8",
    "band": "#275059",
    "grid": "#28373e",
}

#: text -> the surfaces it stands on: at least 4.5:1 in both modes
TEXT_ON: Final[dict[str, tuple[str, ...]]] = {
    "ink": ("ground", "surface", "sunken", "accent-wash", "good-wash", "warn-wash", "bad-wash", "band"),
    "ink-soft": ("ground", "surface", "sunken", "accent-wash", "good-wash", "warn-wash", "bad-wash"),
    "ink-faint": ("ground", "surface", "sunken"),
    "accent": ("ground", "surface", "sunken", "accent-wash"),
    "accent-strong": ("ground", "surface", "sunken", "accent-wash"),
    "on-accent": ("accent", "accent-strong", "bad"),
    "good": ("ground", "surface", "good-wash"),
    "warn": ("ground", "surface", "warn-wash"),
    "bad": ("ground", "surface", "sunken", "bad-wash"),
}

#: lines and shapes that carry meaning -> the surfaces they stand on: at least 3:1 in both modes
SHAPE_ON: Final[dict[str, tuple[str, ...]]] = {
    "line-strong": ("ground", "surface", "sunken"),
    "accent": ("ground", "surface", "band"),
    **{f"series-{number}": ("ground", "surface") for number in range(1, 7)},
}

#: the order in which a chart takes its series
SERIES: Final[tuple[str, ...]] = tuple(LIGHT[f"series-{number}"] for number in range(1, 7))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours ("#rrggbb"), from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
