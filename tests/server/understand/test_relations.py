"""The pages of what goes together: drivers, customers beside employees, and words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from tests.server.understand.conftest import Tell

import luotain
from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.listen import Feedback, Figure
from luotain.server.models.people import Organization, Unit
from luotain.server.operations import listen, people
from luotain.server.operations.understand import drivers as drivers_operations
from luotain.server.operations.understand.blocks import form_blocks
from luotain.server.operations.understand.drivers import drivers_of, drivers_page
from luotain.server.operations.understand.linkage import linkage_page
from luotain.server.operations.understand.pages import Question
from luotain.server.operations.understand.words import FIRST, SECOND, voices_with, words_page
from luotain.terms import SCALES, Population, Role, Touch

pytestmark = pytest.mark.django_db(transaction=True)
Enter = Callable[..., None]
_numbers = count()
ITEMS = ("queueing", "comfort", "food")


@pytest.fixture
def enter(client: Client, tell: Tell) -> Enter:
    """Let somebody of a role in."""
    Organization.objects.update(set_up_at=timezone.now(), name="Kurki", language="en")

    def go(role: Role, unit: Unit | None = None) -> None:
        who = people.add_member(
            username=str(role), name="N", password=None, role=role, unit=unit or people.top_unit(), language="en",
            now=timezone.now(),
        )  # fmt: skip
        client.force_login(who, "django.contrib.auth.backends.ModelBackend")
        client.cookies["django_language"] = "en"

    return go


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def put(rows: list[dict[str, Any]], *, at: datetime | None = None) -> None:
    """Put in one feedback for each row: measure -> value, beside its unit, population and words."""
    moment = at or timezone.now()
    for scale in ("nps_0_10", "agree_1_5", "emotion_1_5", "ces_1_7"):
        listen.ensure_scale(SCALES[scale])
    scales = {"nps": "nps_0_10", "emotion": "emotion_1_5", "ces": "ces_1_7"}
    submissions = []
    for row in rows:
        answers = tuple(
            SubmittedAnswer(
                code=name, measure=name, scale=SCALES[scales.get(name, "agree_1_5")], raw=f"{value:g}",
                label=row.get("feeling", "") if name == "emotion" else "",
            )
            for name, value in row["answers"].items()
        )  # fmt: skip
        more = {name: row[name] for name in ("unit", "population", "verbatim", "language") if name in row}
        submissions.append(
            Submission(
                kind="response", source="test", source_id=f"together {next(_numbers)}", occurred_at=moment,
                answers=answers, **more,
            )
        )  # fmt: skip
    listen.receive(submissions, now=moment)


def surveyed(rows: int = 300, seed: int = 1) -> list[dict[str, Any]]:
    """Return answers in which queueing moves the recommendation and food does not."""
    rng = np.random.default_rng(seed)
    mood = rng.normal(0, 0.5, rows)
    items = {name: np.clip(np.round(3 + mood + rng.normal(0, 1, rows)), 1, 5) for name in ITEMS}
    score = np.clip(
        np.round(6 + 1.5 * (items["queueing"] - 3) + 0.7 * (items["comfort"] - 3) + rng.normal(0, 1, rows)), 0, 10
    )
    return [
        {"answers": {"nps": float(score[at]), **{name: float(items[name][at]) for name in ITEMS}}} for at in range(rows)
    ]


def units(touch: dict[str, str]) -> None:
    for code, kind in touch.items():
        Unit.add(parent=people.top_unit(), code=code, name=code.title(), kind="team", touch=kind, industry="travel")


# --- drivers -------------------------------------------------------------------------------------------------------


def test_what_truly_moves_the_figure_stands_first_with_its_direction(client: Client, enter: Enter) -> None:
    put(surveyed())
    enter(Role.ANALYST)
    shown = text_of(client, "/drivers/?months=3")
    assert re.search(r"1 Queueing .*raises", shown)
    assert re.search(r"n = 300", shown)
    page = client.get("/drivers/?months=3").context["page"]
    assert [row.driver for row in sorted(page.found, key=lambda row: row.rank)] == ["queueing", "comfort", "food"]
    assert "/explore/?measure=queueing" in client.get("/drivers/?months=3").content.decode()
    drawn = client.get("/drivers/?months=3").context["chart"]
    assert [row[0] for row in drawn["table"]["rows"]] == ["Comfort", "Food", "Queueing"]


def test_only_chosen_items_and_answers_to_all_of_them_count(client: Client, enter: Enter) -> None:
    rows = surveyed()
    for row in rows[:40]:
        del row["answers"]["food"]
    put(rows)
    enter(Role.ANALYST)
    whole = client.get("/drivers/?months=3").context["page"]
    assert (whole.found.n, whole.found.left_out) == (260, 40)
    two = client.get("/drivers/?months=3&item=queueing&item=comfort").context["page"]
    assert (two.found.n, [row.driver for row in two.found]) == (300, ["comfort", "queueing"])


def test_the_weight_of_emotion_is_estimated_beside_the_claim(client: Client, enter: Enter) -> None:
    rng = np.random.default_rng(2)
    rows = []
    for _ in range(300):
        strength, ease = int(rng.integers(1, 6)), int(rng.integers(1, 8))
        feeling = "joy" if rng.random() < 0.5 else "anger"
        signed = strength if feeling == "joy" else -strength
        score = float(np.clip(round(5 + 0.7 * signed + 0.3 * (ease - 4) + rng.normal()), 0, 10))
        rows.append({"answers": {"nps": score, "emotion": strength, "ces": ease}, "feeling": feeling})
    put(rows)
    enter(Role.ANALYST)
    page = client.get("/drivers/?months=3").context["page"]
    assert page.emotion.share > 0.8
    assert page.emotion.slope == pytest.approx(0.7, abs=0.1)
    assert "Emotion, as claimed 66.7%" in text_of(client, "/drivers/?months=3")


def test_where_nothing_else_was_asked_nothing_is_explained(client: Client, enter: Enter, tell: Tell) -> None:
    tell("nps", *[9] * 40, scale="nps_0_10", at=timezone.now())
    enter(Role.ANALYST)
    assert "Nothing to explain it with" in text_of(client, "/drivers/?months=3")


def test_alike_answers_are_refused_in_words(client: Client, enter: Enter) -> None:
    put([{"answers": {"nps": 8, "comfort": at % 5 + 1}} for at in range(60)])
    enter(Role.ANALYST)
    assert "there is no spread to explain" in text_of(client, "/drivers/?months=3")


def test_drivers_outside_the_readers_units_do_not_count(enter: Enter) -> None:
    units({"harbour": "high", "mill": "low"})
    rows = surveyed()
    for at, row in enumerate(rows):
        row["unit"] = "harbour" if at < 100 else "mill"
    put(rows)
    harbour = Unit.objects.get(code="harbour").path
    page = drivers_page(Question(now=timezone.now(), months=3, reach=[harbour]))
    assert page.found is not None
    assert page.found.n == 100
    assert drivers_of("nps", ["queueing"], reach=[harbour]).n == 100


def test_answers_of_employees_count_in_whole_blocks_only(enter: Enter) -> None:
    rows = surveyed(60)
    for row in rows:
        row["population"] = "employee"
    put(rows, at=timezone.now() - timedelta(days=40))
    question = Question(now=timezone.now(), months=3, population=Population.EMPLOYEE)
    assert drivers_page(question).refusal
    form_blocks(now=timezone.now())
    found = drivers_page(question).found
    assert found is not None
    assert found.n == 60


# --- linkage -------------------------------------------------------------------------------------------------------


def two_kinds_of_units() -> None:
    """Make units in which customers fare as employees do where they meet, and are worse off where staff is happier."""
    rng = np.random.default_rng(4)
    kinds = {f"{kind}-{at}": kind for kind in (Touch.HIGH, Touch.LOW) for at in range(8)}
    units({code: str(kind) for code, kind in kinds.items()})
    rows: list[dict[str, Any]] = []
    for number, (code, kind) in enumerate(kinds.items()):
        level = number % 8 / 8
        inside = level if kind == Touch.HIGH else 0.9 + 0.4 * level
        outside = level + 0.5 if kind == Touch.HIGH else -0.1 + 0.1 * float(rng.normal())
        for mean, population in ((inside, "employee"), (outside, "customer")):
            scores = np.clip(np.round(6 + 2.5 * mean + rng.normal(0, 1.2, 40)), 0, 10)
            rows += [{"answers": {"nps": float(score)}, "unit": code, "population": population} for score in scores]
    put(rows, at=timezone.now() - timedelta(days=40))
    form_blocks(now=timezone.now())


def test_the_link_is_found_where_people_meet_and_the_line_through_all_is_warned_of(
    client: Client, enter: Enter
) -> None:
    two_kinds_of_units()
    enter(Role.ANALYST)
    page = client.get("/linkage/?months=3&group=touch").context["page"]
    by_group = {row.group: row for row in page.found if row.view == "group"}
    assert by_group["high"].low > 0
    assert by_group["low"].low < 0 < by_group["low"].high
    assert page.found.pooled.high < 0
    assert page.found.reversal == "yes"
    shown = text_of(client, "/linkage/?months=3&group=touch")
    assert "The direction turns round within groups." in shown
    assert "16 units" in shown
    drawn = client.get("/linkage/?months=3&group=touch").context["chart"]
    assert len(drawn["table"]["rows"]) == 16


def test_units_with_too_few_answers_are_left_out_and_counted(enter: Enter) -> None:
    two_kinds_of_units()
    Unit.add(parent=people.top_unit(), code="small", name="Small", kind="team", touch="high")
    rows = [
        {"answers": {"nps": 9}, "unit": "small", "population": each} for each in ["customer"] * 30 + ["employee"] * 6
    ]
    put(rows, at=timezone.now() - timedelta(days=40))
    form_blocks(now=timezone.now())
    page = linkage_page(Question(now=timezone.now(), months=3))
    assert (len(page.places), page.too_few) == (16, 1)


def test_a_business_figure_stands_in_the_customers_place(client: Client, enter: Enter) -> None:
    two_kinds_of_units()
    brand = Unit.add(parent=people.top_unit(), code="brand", name="Brand", kind="brand", touch="high")
    start = (timezone.now() - timedelta(days=40)).date()
    for at, unit in enumerate(Unit.objects.filter(code__startswith="high-")):
        Figure.objects.create(unit=unit, period_start=start, period_end=start, name="revenue", value=100 + 10 * at)
    Figure.objects.create(unit=brand, period_start=start, period_end=start, name="revenue", value=1)
    enter(Role.ANALYST)
    page = client.get("/linkage/?months=3&customers=figure:revenue").context["page"]
    assert len(page.places) == 8
    assert page.too_few == 1
    assert page.found.pooled.low > 0
    assert "Business figure: revenue" in text_of(client, "/linkage/?months=3&customers=figure:revenue")
    above = linkage_page(Question(now=timezone.now(), months=3), customers="figure:revenue")
    assert {place.code for place in above.places} == {f"high-{at}" for at in range(8)}


def test_answers_of_the_units_below_count_for_the_unit_that_has_the_figure(enter: Enter) -> None:
    two_kinds_of_units()
    start = (timezone.now() - timedelta(days=40)).date()
    top = people.top_unit()
    Figure.objects.create(unit=top, period_start=start, period_end=start, name="sales", value=5)
    page = linkage_page(Question(now=timezone.now(), months=3), customers="figure:sales")
    assert [(place.code, place.employees.n) for place in page.places] == [(top.code, 16 * 40)]
    assert page.refusal


def test_without_answers_of_employees_no_link_is_told(client: Client, enter: Enter) -> None:
    put(surveyed(40))
    enter(Role.ANALYST)
    assert "Fewer than four units have enough answers" in text_of(client, "/linkage/")


# --- words ---------------------------------------------------------------------------------------------------------


def spoken(*, teams: int = 12, population: str = "customer") -> None:
    """Let detractors of many units speak of queues, and promoters of the crew."""
    units({f"team-{at}": "high" for at in range(teams)})
    rows = []
    for at in range(teams * 8):
        bad = at // teams % 2 == 0
        text = "The queue was long, call 040 123 4567" if bad else "A wonderful crew on the plane"
        rows.append(
            {"answers": {"nps": 2 if bad else 10}, "unit": f"team-{at % teams}", "verbatim": text, "language": "en",
             "population": population}
        )  # fmt: skip
    put(rows, at=timezone.now() - timedelta(days=40))
    form_blocks(now=timezone.now())


def test_words_that_differ_are_claimed_and_open_their_voices_masked(client: Client, enter: Enter) -> None:
    spoken()
    enter(Role.ANALYST)
    page = client.get("/words/?months=3").context["page"]
    assert {row.word: row.verdict for row in page.of(FIRST)}["queue"] == "claimed"
    assert "wonderful" in {row.word for row in page.of(SECOND)}
    assert "the" not in {row.word for row in page.found}
    shown = text_of(client, "/words/voices/?months=3&word=queue&side=first")
    assert "The queue was long" in shown
    assert "040 123 4567" not in shown
    assert "wonderful" not in shown


def test_few_units_are_ranked_and_not_proven_on_the_page(client: Client, enter: Enter) -> None:
    spoken(teams=4)
    enter(Role.ANALYST)
    shown = text_of(client, "/words/?months=3")
    assert "Ranked, not proven." in shown
    assert "differs" not in shown.replace("“Differs”", "")


def test_who_reads_no_voices_reads_no_words(client: Client, enter: Enter) -> None:
    spoken()
    enter(Role.PARTNER)
    shown = text_of(client, "/words/?months=3")
    assert "words are made of voices" in shown
    assert "queue" not in shown
    assert "queue was long" not in text_of(client, "/words/voices/?months=3&word=queue&side=first")


def test_a_manager_reads_words_of_the_own_unit_only(enter: Enter) -> None:
    spoken()
    own = [Unit.objects.get(code="team-0").path]
    page = words_page(Question(now=timezone.now(), months=3), readable=own)
    assert page.refusal
    voices = voices_with(Question(now=timezone.now(), months=3), by="nps", readable=own, word="queue", side=FIRST)
    assert len(voices) == 4


def test_words_of_few_employees_are_told_to_nobody(enter: Enter) -> None:
    spoken(population="employee")
    put([{"answers": {"nps": 2}, "unit": "team-0", "verbatim": "Salary salary", "language": "en",
          "population": "employee"} for _ in range(6)], at=timezone.now() - timedelta(days=40))  # fmt: skip
    form_blocks(now=timezone.now())
    question = Question(now=timezone.now(), months=3, population=Population.EMPLOYEE)
    top = [people.top_unit().path]
    page = words_page(question, readable=top)
    assert "queue" in {row.word for row in page.of(FIRST)}
    assert "salary" not in {row.word for row in page.found or ()}
    assert voices_with(question, by="nps", readable=top, word="salary", side=FIRST) == ()


def test_confidential_words_are_left_out(enter: Enter) -> None:
    spoken()
    put([{"answers": {"nps": 1}, "verbatim": "Zebra", "language": "en", "unit": "team-1"}
         for _ in range(20)])  # fmt: skip
    told = Question(now=timezone.now(), months=3)
    top = [people.top_unit().path]
    assert "zebra" in {row.word for row in words_page(told, readable=top).found or ()}
    Feedback.objects.filter(verbatim="Zebra").update(confidential=True)
    spoken_again = {"answers": {"nps": 5}, "verbatim": "", "unit": "team-1"}
    put([spoken_again])
    page = words_page(told, readable=top)
    assert "zebra" not in {row.word for row in page.found or ()}


def test_one_language_is_read_alone(client: Client, enter: Enter) -> None:
    spoken()
    rows = [
        {"answers": {"nps": 1}, "verbatim": "Jonotimme laukkuja", "language": "fi", "unit": f"team-{at % 12}"}
        for at in range(24)
    ]
    put(rows, at=timezone.now() - timedelta(days=40))
    enter(Role.ANALYST)
    every = {row.word for row in client.get("/words/?months=3").context["page"].found}
    assert {"queue", "jonottaa"} <= every
    english = {row.word for row in client.get("/words/?months=3&language=en").context["page"].found}
    assert "queue" in english
    assert "jonottaa" not in english


def test_of_very_many_answers_the_newest_are_read_and_the_page_says_so(
    client: Client, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(surveyed(80, seed=3), at=timezone.now() - timedelta(days=20))
    put(surveyed(60, seed=4))
    monkeypatch.setattr(drivers_operations, "MOST_ANSWERS", 60)
    enter(Role.ANALYST)
    shown = text_of(client, "/drivers/?months=3")
    assert "Only the newest 150,000 answers were read." in shown
    page = client.get("/drivers/?months=3").context["page"]
    columns = {name: [row["answers"][name] for row in surveyed(60, seed=4)] for name in ("nps", *ITEMS)}
    newest = luotain.drivers(columns, target="nps", predictors=sorted(ITEMS))
    assert [row.importance for row in page.found] == pytest.approx([row.importance for row in newest])
