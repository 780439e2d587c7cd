"""Several workers at once: each thing is done once, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings
from tests.mailserver import MailServer
from tests.server.people.conftest import NOW

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.listen import Fact
from luotain.server.models.people import Customer, EventSeal, Identifier, Member, Membership, Organization, Unit
from luotain.server.operations import listen, people
from luotain.server.operations.people import memberships
from luotain.terms import SCALES, Role

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], object]) -> None:
    """Let all start at the same moment, each in a thread with a connection of its own; raise what they raise."""
    gate, problems = threading.Barrier(len(works)), list[BaseException]()

    def run(work: Callable[[], object]) -> None:
        try:
            gate.wait(60)
            work()
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if problems:
        raise problems[0]


def test_two_workers_send_every_message_once(settings: Settings, mail_server: MailServer) -> None:
    settings.LUOTAIN_SMTP_URL = mail_server.url
    for number in range(40):
        people.post_message(
            key=f"k{number}", sender="email", purpose="p", recipient="a@b.fi", subject=str(number), text="t", now=NOW
        )
    at_once(
        *(
            lambda name=name: people.deliver(worker=name, now_clock=timezone.now, limit=100)  # type: ignore[misc]
            for name in ("one", "two", "three")
        )
    )
    assert sorted(int(mail["Subject"]) for mail in mail_server.box.mails) == list(range(40))


def test_the_same_message_posted_by_two_is_one() -> None:
    def post() -> object:
        return people.post_message(
            key="k", sender="email", purpose="p", recipient="a@b.fi", subject="s", text="t", now=NOW
        )

    at_once(post, post, post)


def test_an_organization_that_two_make_is_one() -> None:
    at_once(*[lambda: people.ensure_organization(now=NOW)] * 4)
    assert (Organization.objects.count(), Unit.objects.count()) == (1, 1)


def test_a_person_whom_two_meet_is_one() -> None:
    told = [{"email": f"c{number}@example.fi", "customer_id": str(number)} for number in range(50)]

    def meet(order: int) -> Callable[[], object]:
        return lambda: people.identify_many(people=told[::order], source="t", now=NOW)

    at_once(meet(1), meet(-1), meet(1))
    assert Identifier.objects.count() == 100
    assert Customer.objects.count() == 50


def test_events_that_two_seal_make_one_chain() -> None:
    organization = people.ensure_organization(now=NOW)
    for _ in range(30):
        people.record(kind="noted", subject=organization, now=NOW)

    def write_and_seal() -> None:
        for _ in range(5):
            people.record(kind="noted", subject=organization, now=NOW)
            people.seal_events(now=NOW)

    at_once(write_and_seal, write_and_seal, write_and_seal)
    people.seal_events(now=NOW)
    chain = people.verify_chain()
    assert (chain.whole, chain.events) == (True, 45)
    assert EventSeal.objects.count() == chain.seals


def test_two_workers_take_the_same_facts_back_once() -> None:
    people.ensure_organization(now=NOW)
    listen.default_scales()
    told = [
        Submission(
            kind="response", source="test", source_id=str(number), occurred_at=NOW,
            answers=(SubmittedAnswer("recommend", "nps", SCALES["nps_0_10"], "9"),),
        )
        for number in range(50)
    ]  # fmt: skip
    ids = listen.receive(told, now=NOW).feedback_ids
    at_once(*(lambda: listen.take_back(ids, now=NOW) for _ in range(3)))
    assert Fact.objects.filter(sign=-1).count() == len(ids)


def test_two_administrators_cannot_leave_nobody() -> None:
    people.set_up_organization(
        name="Kurki", industry="airline", language="fi", time_zone="Europe/Helsinki", formal=False, now=NOW
    )
    one, other = (
        people.add_member(
            username=name, name=name, password=None, role=Role.ADMINISTRATOR, unit=people.top_unit(), language="fi",
            now=NOW,
        )
        for name in ("one", "other")
    )  # fmt: skip

    def take(member: Member, by: Member) -> None:
        with suppress(memberships.NotAllowed):
            memberships.take_role(membership=member.memberships.get(), by=by, now=NOW)

    at_once(lambda: take(one, other), lambda: take(other, one))
    assert Membership.objects.filter(role=Role.ADMINISTRATOR).count() == 1
