"""The register of other people's figures takes in what tells how it was made, and nothing else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from luotain.server.models.people import Organization
from luotain.server.models.understand import Benchmark, MethodCard
from luotain.server.operations import people
from luotain.terms import Role

pytestmark = pytest.mark.django_db(transaction=True)
TOLD: dict[str, Any] = {
    "name": "Nordic airlines", "source": "Yearbook of travel", "year": "2025", "measure": "nps", "scale": "nps_0_10",
    "value": "32", "n": "1200", "population": "customer", "mode": "email", "timing": "waves", "sampling": "lot",
    "wording": "", "response_rate": "18",
}  # fmt: skip


def enter(client: Client, role: Role) -> None:
    people.ensure_organization(now=timezone.now())
    Organization.objects.update(set_up_at=timezone.now(), name="Kurki", language="en")
    who = people.add_member(
        username=str(role), name="N", password=None, role=role, unit=people.top_unit(), language="en",
        now=timezone.now(),
    )  # fmt: skip
    client.force_login(who, "django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"


def test_a_figure_with_source_year_n_and_method_is_taken_in_once(client: Client) -> None:
    enter(client, Role.ANALYST)
    assert client.post("/benchmarks/", TOLD).status_code == 302
    row = Benchmark.objects.select_related("card").get()
    assert (row.value, row.n, row.year, row.card.mode, row.card.response_rate) == (32, 1200, 2025, "email", 0.18)
    again = client.post("/benchmarks/", TOLD)
    assert again.status_code == 422
    assert "in the register already" in again.content.decode()
    assert (Benchmark.objects.count(), MethodCard.objects.count()) == (1, 1)


@pytest.mark.parametrize("missing", ["source", "year", "n", "measure", "scale", "population"])
def test_without_its_method_a_figure_is_no_benchmark(client: Client, missing: str) -> None:
    enter(client, Role.ANALYST)
    assert client.post("/benchmarks/", {**TOLD, missing: ""}).status_code == 422
    assert not Benchmark.objects.exists()


def test_a_figure_that_its_scale_cannot_hold_is_refused(client: Client) -> None:
    enter(client, Role.ANALYST)
    answer = client.post("/benchmarks/", {**TOLD, "value": "132"})
    assert answer.status_code == 422
    assert re.search(r"between -100 and 100", answer.content.decode())


def test_who_only_sees_measures_cannot_change_the_register(client: Client) -> None:
    enter(client, Role.ANALYST)
    client.post("/benchmarks/", TOLD)
    enter(client, Role.LEADER)
    shown = client.get("/benchmarks/").content.decode()
    assert "Nordic airlines" in shown
    assert "Add to the register" not in shown
    assert client.post("/benchmarks/", {**TOLD, "year": "2024"}).status_code == 200
    assert client.post(f"/benchmarks/{Benchmark.objects.get().pk}/drop/").status_code == 403
    assert Benchmark.objects.count() == 1


def test_what_is_taken_out_leaves_no_method_behind(client: Client) -> None:
    enter(client, Role.ANALYST)
    client.post("/benchmarks/", TOLD)
    assert client.post(f"/benchmarks/{Benchmark.objects.get().pk}/drop/").status_code == 302
    assert (Benchmark.objects.count(), MethodCard.objects.count()) == (0, 0)
