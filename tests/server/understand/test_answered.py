"""Every question tells what was answered to it: choices by their shares, ratings by their measure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.server.conftest import LogIn

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.listen import Feedback, Instrument, Question, ScaleRow
from luotain.server.models.people import Unit
from luotain.server.operations import listen, people
from luotain.server.operations.listen.codes import default_scales
from luotain.server.operations.understand.answered import Results, results_of
from luotain.terms import SCALES, Role
from luotain.understand.interval import nps_interval, wilson_interval

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def visit() -> Instrument:
    people.ensure_organization(now=NOW)
    default_scales()
    listen.default_channels()
    Unit.add(parent=people.top_unit(), code="north", name="North", kind="team")
    made = Instrument.objects.create(
        code="visit", title={"en": "Your visit", "fi": "Käynti", "sv": "Besök"}, languages=["en"], published_at=NOW
    )
    options = [{"code": "price", "text": {"en": "Price"}}, {"code": "staff", "text": {"en": "Staff"}}]
    nps = ScaleRow.objects.get(code="nps_0_10")
    rows: list[dict[str, Any]] = [
        {"code": "nps", "kind": "score", "measure": "nps", "scale": nps, "text": {"en": "Recommend?"}},
        {"code": "way", "kind": "choice", "options": options, "text": {"en": "Why us?"}},
        {"code": "reasons", "kind": "multi", "options": options, "text": {"en": "Reasons"}},
        {"code": "story", "kind": "text", "text": {"en": "What happened?"}},
        {"code": "wish", "kind": "contact", "text": {"en": "May we answer?"}},
    ]
    for order, row in enumerate(rows):
        Question.objects.create(instrument=made, order=order, **row)
    return made


def tell(instrument: Instrument, number: int, *, picks: tuple[str, ...] = (), unit: str = "", **more: Any) -> None:
    way = "price" if number % 4 else "staff"
    score = SubmittedAnswer("nps", "nps", SCALES["nps_0_10"], str(number % 11))
    answers = [score, SubmittedAnswer("way", label=way)]
    answers += [SubmittedAnswer(f"reasons.{pick}", label=pick) for pick in picks]
    told = Submission(
        "response", "test", str(number), NOW, tuple(answers), unit=unit, instrument_id=instrument.pk,
        **{"verbatim": "Words." if number % 2 else "", **more},
    )  # fmt: skip
    receipt = listen.receive([told], now=NOW)
    assert receipt.accepted == 1, receipt.rejections


def read(reach: tuple[str, ...] | None = None) -> Results:
    return results_of(code="visit", reach=reach or (people.top_unit().path,))


def test_a_choice_is_told_as_shares_with_wilson_and_a_rating_as_its_measure(visit: Instrument) -> None:
    for number in range(40):
        picks = ("price", "staff") if number < 10 else ("price",) if number < 32 else ()
        tell(visit, number, picks=picks, contact_wanted=number < 7)
    nps, way, reasons, story, wish = read().questions
    assert (wish.count.n, wish.wished, story.wished) == (7, True, False)
    (figure,) = nps.figures
    bottom, top = sum(n % 11 <= 6 for n in range(40)), sum(n % 11 >= 9 for n in range(40))
    assert (nps.count.n, figure.cell.n) == (40, 40)
    assert figure.cell.value == pytest.approx(100 * (top - bottom) / 40)
    assert (figure.cell.low, figure.cell.high) == pytest.approx(nps_interval(bottom, 40 - bottom - top, top))
    price, staff = way.shares
    assert (price.cell.value, staff.cell.value) == (0.75, 0.25)
    assert (price.cell.low, price.cell.high) == pytest.approx(wilson_interval(30, 40))
    assert dict(price.words) == {"en": "Price"}
    # of several choices each is a share of those who chose anything
    assert [(share.cell.value, share.cell.n) for share in reasons.shares] == [(1.0, 32), (10 / 32, 32)]
    assert (story.count.n, story.shares, story.figures) == (20, (), ())


@pytest.mark.parametrize(("n", "count", "told"), [(4, 0, False), (5, 5, False), (9, 9, False), (10, 10, True)])
def test_too_few_answers_tell_no_share_and_fewer_than_five_not_even_their_number(
    visit: Instrument, n: int, count: int, told: bool
) -> None:
    for number in range(n):
        tell(visit, number)
    way = read().questions[1]
    assert way.count.n == count
    assert [share.cell.value is not None for share in way.shares] == [told, told]
    assert all("indicative" in share.cell.flags for share in way.shares) is told


def test_versions_are_counted_together_and_a_dropped_option_keeps_its_answers(visit: Instrument) -> None:
    for number in range(12):
        tell(visit, number)
    newer = Instrument.objects.create(code="visit", version=2, title=visit.title, published_at=NOW)
    options = [{"code": "price", "text": {"en": "The price"}}]
    Question.objects.create(instrument=newer, code="way", order=1, kind="choice", options=options)
    (way,) = read().questions
    assert way.count.n == 12
    assert [dict(share.words) for share in way.shares] == [{"en": "The price"}, {"en": "staff"}]
    assert sum(share.cell.value or 0 for share in way.shares) == pytest.approx(1)


def test_only_what_is_within_reach_and_whole_and_not_erased_counts(visit: Instrument) -> None:
    for number in range(12):
        tell(visit, number, unit="north")
    for number in range(12, 18):
        tell(visit, number)
    tell(visit, 18, unit="north", completed=False)
    Feedback.objects.filter(source_id="0").update(erased_at=NOW)
    north = Unit.objects.get(code="north").path
    assert read((north,)).questions[1].count.n == 11
    assert read().questions[1].count.n == 17


def test_what_employees_answered_is_withheld_from_who_reaches_a_part(visit: Instrument) -> None:
    Instrument.objects.update(population="employee")
    for number in range(12):
        tell(visit, number, unit="north", population="employee")
    assert read((Unit.objects.get(code="north").path,)) == Results(visit, (), withheld=True)
    assert read().questions[1].count.n == 12


def test_the_page_shows_each_question_and_the_editor_leads_to_it(visit: Instrument, log_in: LogIn) -> None:
    for number in range(12):
        tell(visit, number)
    browser = log_in(Role.CX_LEAD)
    page = browser.get("/questionnaires/visit/results/").content.decode()
    for words in ("Recommend?", "Why us?", "Price", "12 persons answered", "Nobody, or fewer than five"):
        assert words in page, words
    assert "/questionnaires/visit/results/" in browser.get("/questionnaires/visit/").content.decode()
    assert browser.get("/questionnaires/nothing/results/").status_code == 404
