"""The shared components say the same for the eye and for the ear, and break no content policy."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import translation

from luotain import palette
from luotain.server.templatetags.luotain import in_the_readers_mode
from luotain.understand.estimate import Cell


def drawn(template: str, language: str = "en", **context: object) -> str:
    with translation.override(language):
        return Template("{% load luotain %}" + template).render(Context(context))


def text_of(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", markup)).strip()


def test_a_figure_never_stands_without_its_interval_and_count() -> None:
    cell = Cell(value=31.2, low=24.1, high=38.0, n=412, method="score")
    assert text_of(drawn("{% figure cell %}", cell=cell)) == "31 interval [24, 38] n = 412"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(10.0, 50.0, "31 "), (30.6, 31.9, "31.2 "), (31.20, 31.28, "31.24 ")],
)
def test_digits_that_the_uncertainty_drowns_are_not_shown(low: float, high: float, words: str) -> None:
    cell = Cell(value=31.24, low=low, high=high, n=412, method="score")
    assert text_of(drawn("{% figure cell %}", cell=cell)).startswith(words)


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    cell = Cell(value=-5.43, low=-5.9, high=-5.0, n=12345, method="t")
    assert "−5,4" in drawn("{% figure cell %}", "fi", cell=cell)
    assert "−5.4" in drawn("{% figure cell %}", "en", cell=cell)
    assert "12,345" in drawn("{% figure cell %}", "en", cell=cell)


def test_a_value_that_rounds_to_zero_has_no_sign() -> None:
    cell = Cell(value=23.1, low=-0.3, high=45.2, n=30, method="score")
    assert "[0, 45]" in text_of(drawn("{% figure cell %}", cell=cell))


def test_a_share_carries_its_per_cent_sign_as_the_language_writes_it() -> None:
    cell = Cell(value=0.573, low=0.553, high=0.593, n=2379, method="wilson", unit="share")
    assert text_of(drawn("{% figure cell %}", "en", cell=cell)).startswith("57.3% interval [55.3, 59.3]")
    assert text_of(drawn("{% figure cell %}", "sv", cell=cell)).startswith("57,3 % ")


def test_a_mean_tells_its_scale_except_in_a_table() -> None:
    cell = Cell(value=4.77, low=4.75, high=4.79, n=27440, method="t", scale="ces_1_7")
    assert text_of(drawn("{% figure cell %}", cell=cell)).startswith("4.77 on 1–7 interval")
    assert text_of(drawn('{% figure cell "s" %}', cell=cell)).startswith("4.77 interval")
    own = Cell(value=4.77, low=4.75, high=4.79, n=27440, method="t", scale="stars")
    assert text_of(drawn('{% figure cell "l" ends %}', cell=own, ends=(0, 10))).startswith("4.77 on 0–10")


@pytest.mark.django_db
def test_a_measure_without_a_word_of_its_own_is_written_in_words() -> None:
    assert drawn('{{ "value_for_money"|measure_word }}', "sv") == "valuta för pengarna"
    assert drawn('{{ "queue_time"|measure_word }}', "fi") == "queue time"


def test_too_few_answers_show_neither_the_value_nor_how_many_they_are() -> None:
    shown = text_of(drawn("{% figure cell %}", cell=Cell(value=None, low=None, high=None, n=3, method="")))
    assert shown == "too few answers"


def test_a_whisker_lies_where_the_value_lies_and_is_read_aloud() -> None:
    markup = drawn("{% whisker -10 0 10 -100 100 %}")
    assert 'aria-label="0, between −10 and 10"' in markup
    assert re.search(r'class="dot" cx="60\.0"', markup)
    assert re.search(r'class="reach" x1="54\.4" x2="65\.6"', markup)


def test_a_whisker_never_leaves_its_scale() -> None:
    markup = drawn("{% whisker low value high 1 7 %}", low=0.0, value=6.9, high=9.0)
    assert all(4 <= float(x) <= 116 for x in re.findall(r'(?:x1|x2|cx)="([\d.]+)"', markup))


def test_nothing_is_drawn_of_an_unknown_value() -> None:
    assert drawn("{% whisker low value high %}", low=None, value=None, high=None) == ""
    assert drawn("{% sparkline points %}", points=[(1.0, 0.0, 2.0)]) == ""


def test_a_sparkline_has_its_band_and_leaves_a_gap_out() -> None:
    points = [(10.0, 5.0, 15.0), (None, None, None), (20.0, 15.0, 25.0)]
    markup = drawn("{% sparkline points %}", points=points)
    assert len(re.search(r'class="line" points="([^"]+)"', markup)[1].split()) == 2  # type: ignore[index]
    assert len(re.search(r'class="band" points="([^"]+)"', markup)[1].split()) == 4  # type: ignore[index]
    assert 'aria-label="from 10 to 20"' in markup


def test_a_flat_line_can_be_drawn() -> None:
    assert "polyline" in drawn("{% sparkline points %}", points=[(5.0, 5.0, 5.0)] * 3)


def test_a_chart_takes_the_colours_of_the_readers_mode_and_no_inline_style() -> None:
    accent = palette.LIGHT["series-1"]
    markup = in_the_readers_mode(f'<svg style="x: y"><path fill="{accent.upper()}" stroke="#123456"/></svg>')
    assert markup == '<svg><path fill="var(--series-1)" stroke="#123456"/></svg>'


def test_a_voice_is_shown_in_its_own_language_and_cannot_bring_markup() -> None:
    told = SimpleNamespace(verbatim="<script>alert(1)</script>", language="sv", kind="", contact_wanted=False)
    markup = drawn("{% voice told %}", told=told)
    assert 'lang="sv"' in markup
    assert "<script>" not in markup


@pytest.mark.parametrize(("language", "word"), [("fi", "suljettu"), ("sv", "avslutat"), ("en", "closed")])
def test_a_stored_code_is_read_as_a_word(language: str, word: str) -> None:
    assert drawn('{{ code|term:"Stage" }}', language, code="closed") == word


def test_a_text_in_several_languages_is_read_in_ones_own() -> None:
    texts = {"fi": "Lento", "en": "Flight"}
    assert drawn("{{ texts|words }}", "en", texts=texts) == "Flight"
    assert drawn("{{ texts|words }}", "sv", texts=texts) == "Lento"


def test_an_empty_page_says_what_to_do_next() -> None:
    markup = drawn('{% empty "Nobody is waiting" "Rest." "/inbox/" "To the inbox" %}')
    assert text_of(markup) == "Nobody is waiting Rest. To the inbox"
    assert 'href="/inbox/"' in markup
