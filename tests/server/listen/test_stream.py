"""The live stream, touchpoints and observations, as those who work here see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.listen import Attachment, Fact, Feedback
from luotain.server.models.people import Unit
from luotain.server.operations import listen, people
from luotain.server.operations.listen import walk
from luotain.server.operations.listen.stream import Filter, read_newer, read_stream
from luotain.terms import SCALES

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Any:
    now = timezone.now()
    people.ensure_organization(now=now)
    people.set_up_organization(
        name="Kurki", industry="", language="en", time_zone="Europe/Helsinki", formal=False, now=now
    )
    listen.default_scales()
    listen.default_channels()
    for code in ("turku", "oulu"):
        unit = Unit.add(parent=people.top_unit(), code=code, name=code.title(), kind="store")
        listen.ensure_touchpoint(f"{code}-desk", unit=unit, now=now)
    return now


def say(
    words: str, *, now: Any, desk: str = "turku-desk", score: int = 9, hours: float = 0, language: str = "en"
) -> None:
    receipt = listen.receive(
        [
            Submission(
                kind="response",
                source="test",
                source_id=f"{words}:{hours}",
                occurred_at=now - timedelta(hours=hours),
                verbatim=words,
                language=language,
                touchpoint=desk,
                channel="web",
                answers=(SubmittedAnswer("nps", "nps", SCALES["nps_0_10"], str(score)),),
            )
        ],
        now=now,
    )
    assert receipt.accepted == 1


def login(client: Client, role: str, unit: str = "") -> Any:
    where = Unit.objects.get(code=unit) if unit else people.top_unit()
    member = people.add_member(
        username=role, name=role, password="long enough it is", role=role, unit=where, language="en",
        now=timezone.now(),
    )  # fmt: skip
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return member


def test_the_newest_voice_stands_first_and_pages_do_not_overlap(desk: Any) -> None:
    for n in range(7):
        say(f"voice {n}", now=desk, hours=n // 2)
    seen, before = [], ""
    for _ in range(4):
        page = read_stream(reach=("1/",), only=Filter(), before=before, limit=3)
        seen += [voice.verbatim for voice in page.voices]
        before = page.older
        if not before:
            break
    assert len(seen) == len(set(seen)) == 7
    assert seen[0] in ("voice 0", "voice 1")
    assert seen[-1] == "voice 6"


def test_a_mark_that_is_none_of_ours_starts_from_the_newest(desk: Any, client: Client) -> None:
    say("hello", now=desk)
    login(client, "leader")
    for mark in ("x", "2026-01-01_5", "2026-01-01T00:00:00Z_" + "9" * 40, "_", "\x00"):
        assert "hello" in client.get("/stream/", {"before": mark}).content.decode()


@pytest.mark.parametrize(
    ("only", "heard"),
    [
        ({"touchpoint": "oulu-desk"}, {"bad"}),
        ({"language": "sv"}, {"bra"}),
        ({"category": "detractor"}, {"bad"}),
        ({"channel": "web"}, {"bad", "bra", "good"}),
        ({"touchpoint": "nowhere"}, set()),
        ({"language": "en", "category": "promoter"}, {"good"}),
    ],
)
def test_filters_narrow_the_stream(desk: Any, only: dict[str, str], heard: set[str]) -> None:
    say("good", now=desk)
    say("bad", now=desk, desk="oulu-desk", score=2)
    say("bra", now=desk, language="sv")
    assert {voice.verbatim for voice in read_stream(reach=("1/",), only=Filter(**only)).voices} == heard


def pages(only: Filter, reach: tuple[str, ...] = ("1/",), limit: int = 2) -> list[str]:
    """Turn the pages of the stream to the end."""
    seen, before = [], ""
    while True:
        page = read_stream(reach=reach, only=only, before=before, limit=limit)
        seen += [voice.verbatim for voice in page.voices]
        before = page.older
        if not before:
            return seen


def tell_in_turns(now: Any) -> list[str]:
    """Let ten voices be told, some at the same moment, by turns at both desks; return them newest first."""
    told = [f"voice {n}" for n in range(10)]
    for n, words in enumerate(told):
        desk, score, language = ("turku-desk", 9, "en") if n % 3 else ("oulu-desk", 2, "sv")
        say(words, now=now, hours=n // 2, desk=desk, score=score, language=language)
    return sorted(told, key=lambda words: (int(words[6:]) // 2, -int(words[6:])))


@pytest.mark.parametrize("many", [True, False])
def test_the_voices_of_several_units_stand_in_one_order(desk: Any, monkeypatch: Any, many: bool) -> None:
    told = tell_in_turns(desk)
    monkeypatch.setattr(walk, "_are_many", lambda *_: many)
    reach = tuple(Unit.objects.filter(code__in=["turku", "oulu"]).values_list("path", flat=True))
    assert pages(Filter(), reach) == told


@pytest.mark.parametrize("look", [1, 4, 100])
@pytest.mark.parametrize("steps", [(1, 1, 1), (2, 3, 3), (40, 200, 1000)])
def test_a_walk_that_tires_goes_on_and_finds_each_voice_once(
    desk: Any, monkeypatch: Any, look: int, steps: tuple[int, ...]
) -> None:
    told = [words for words in tell_in_turns(desk) if int(words[6:]) % 3 == 0]
    monkeypatch.setattr(walk, "LOOK", look)
    monkeypatch.setattr(walk, "_STEPS", steps)
    for only in (
        Filter(language="sv", channel="web"),
        Filter(language="sv", category="detractor"),
        Filter(touchpoint="oulu-desk", category="detractor", channel="web"),
        Filter(category="detractor"),
    ):
        assert pages(only) == told


def test_a_walk_goes_along_the_rarest_limit(desk: Any, monkeypatch: Any) -> None:
    for n in range(6):
        say(f"voice {n}", now=desk, hours=n)
    say("seldom", now=desk, hours=9, language="sv", score=1)
    monkeypatch.setattr(walk, "LOOK", 2)
    monkeypatch.setattr(walk, "_PROBE", 1)
    for only in (Filter(channel="web", language="sv"), Filter(channel="web", category="detractor")):
        page = read_stream(reach=("1/",), only=only)
        assert [voice.verbatim for voice in page.voices] == ["seldom"]
        assert page.looked_to is None


def test_the_page_says_how_far_back_it_looked(desk: Any, client: Client, monkeypatch: Any) -> None:
    say("", now=desk, score=1)
    say("", now=desk, score=1, hours=30)
    login(client, "leader")
    monkeypatch.setattr(walk, "LOOK", 1)
    monkeypatch.setattr(walk, "_STEPS", (1, 1, 1))
    page = client.get("/stream/?category=detractor").content.decode()
    assert "have been looked through" in page
    assert "Look further back" in page
    assert "Nothing here with these filters" not in page


def test_what_was_told_without_words_is_passed_by(desk: Any) -> None:
    for n in range(5):
        say("", now=desk, hours=n, score=1)
    say("at last", now=desk, hours=7, score=1)
    assert pages(Filter(category="detractor")) == ["at last"]


def test_a_member_hears_their_own_unit_only(desk: Any, client: Client) -> None:
    say("from turku", now=desk)
    say("from oulu", now=desk, desk="oulu-desk")
    login(client, "unit_manager", "turku")
    for url in ("/stream/", "/stream/newer/?after=0"):
        page = client.get(url).content.decode()
        assert "from turku" in page
        assert "from oulu" not in page
    assert client.get("/touchpoints/turku-desk/").status_code == 200
    assert client.get("/touchpoints/oulu-desk/").status_code == 404
    assert client.get("/touchpoints/oulu-desk/qr.svg").status_code == 404


def test_personal_data_is_masked_when_shown(desk: Any, client: Client) -> None:
    say("Call me: 040 123 4567. Or aino@example.fi, please", now=desk)
    login(client, "leader")
    page = client.get("/stream/").content.decode()
    assert "040 123 4567" not in page
    assert "aino@" not in page
    assert "Call me: █" in page
    assert "personal data masked" in page


def test_words_are_shown_as_words_and_never_run(desk: Any, client: Client) -> None:
    say("<script>alert(1)</script>", now=desk)
    login(client, "leader")
    assert "<script>alert" not in client.get("/stream/").content.decode()


def test_a_newer_voice_comes_without_a_reload(desk: Any, client: Client) -> None:
    say("first", now=desk)
    login(client, "leader")
    page = client.get("/stream/").content.decode()
    assert 'hx-trigger="every 10s"' in page
    newest = Feedback.objects.latest("pk").pk
    say("second", now=desk, hours=5)
    fresh = client.get(f"/stream/newer/?after={newest}").content.decode()
    assert "second" in fresh
    assert "first" not in fresh
    assert f"after={Feedback.objects.latest('pk').pk}" in fresh
    assert read_newer(reach=("1/",), only=Filter(), after=10**9).voices == ()


def test_an_empty_stream_says_what_to_do_next(desk: Any, client: Client) -> None:
    login(client, "leader")
    assert "/touchpoints/" in client.get("/stream/").content.decode()


def test_the_stream_takes_few_queries_however_long_it_is(
    desk: Any, client: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(40):
        say(f"voice {n}", now=desk, hours=n)
    login(client, "leader")
    client.get("/stream/")
    with django_assert_max_num_queries(14):
        client.get("/stream/")


def test_a_touchpoint_shows_how_a_customer_reaches_us(desk: Any, client: Client) -> None:
    login(client, "unit_manager", "turku")
    page = client.get("/touchpoints/turku-desk/").content.decode()
    assert "/f/turku-desk/" in page
    drawing = client.get("/touchpoints/turku-desk/qr.svg")
    assert drawing["Content-Type"] == "image/svg+xml"
    assert b"<svg" in drawing.content
    assert "turku-desk.svg" in client.get("/touchpoints/turku-desk/qr.svg?save")["Content-Disposition"]


def test_an_observation_is_a_voice_and_never_a_customers_answer(desk: Any, client: Client) -> None:
    member = login(client, "front_line", "turku")
    told = {
        "key": "a" * 22, "touchpoint": "turku-desk", "seen": "Customers look for the exit.", "feeling": "confusion",
        "idea": "A bigger sign.",
    }  # fmt: skip
    for _ in range(2):
        assert client.post("/observe/", told).status_code == 302
    seen = Feedback.objects.get()
    assert (seen.kind, seen.population, seen.member, seen.unit.code) == ("observation", "employee", member, "turku")
    assert {a.code: a.label or a.text for a in seen.answers.all()} == {
        "customer_seemed": "confusion", "improvement": "A bigger sign.",
    }  # fmt: skip
    assert not Fact.objects.exists()
    assert "Customers look for the exit." in client.get("/stream/").content.decode()


def test_a_picture_goes_with_an_observation_and_what_is_none_is_refused(desk: Any, client: Client) -> None:
    login(client, "front_line", "turku")
    told = {"touchpoint": "turku-desk", "seen": "The sign is hidden."}
    png = (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU"
        b"\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82"
    )
    for _ in range(2):
        picture = SimpleUploadedFile("sign.png", png)
        assert client.post("/observe/", {**told, "key": "a" * 22, "photo": picture}).status_code == 302
    kept = Attachment.objects.get()
    assert (kept.feedback.kind, kept.code, kept.media_type) == ("observation", "photo", "image/png")
    other = SimpleUploadedFile("sign.png", b"no picture at all")
    answer = client.post("/observe/", {**told, "key": "b" * 22, "photo": other})
    assert answer.status_code == 422
    assert Feedback.objects.count() == 1


def test_an_empty_observation_is_asked_again(desk: Any, client: Client) -> None:
    login(client, "front_line", "turku")
    told = {"key": "a" * 22, "touchpoint": "nowhere", "seen": ""}
    assert client.post("/observe/", told).status_code == 422
    assert not Feedback.objects.exists()


def test_who_may_not_listen_hears_nothing(desk: Any, client: Client) -> None:
    login(client, "partner")
    for url in ("/stream/", "/stream/newer/", "/touchpoints/", "/observe/"):
        assert client.get(url).status_code == 403
