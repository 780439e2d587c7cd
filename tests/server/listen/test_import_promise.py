"""What a programme promised its respondents is read on the page before their answers come in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from luotain.server.models.listen import Import, Instrument, Programme
from luotain.server.models.people import Unit
from luotain.server.operations.listen import ensure_touchpoint
from luotain.server.operations.listen.uploads import run_waiting_imports
from luotain.server.operations.people import add_member, ensure_organization, top_unit

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
FILE = b"id;day;score\n1;13.5.2026;9\n2;14.5.2026;10\n"
MAPPING = """source = "test"
id = "id"
occurred_at = { column = "day", formats = ["%d.%m.%Y"] }
[[answers]]
column = "score"
measure = "nps"
scale = "nps_0_10"
"""

pytestmark = pytest.mark.django_db


def programme(code: str, anonymity: str, unit: Unit | None = None) -> Programme:
    instrument = Instrument.objects.create(
        code=f"own-{code}", title={"en": "Own"}, anonymity=anonymity, population="employee", languages=["en"],
        published_at=NOW,
    )  # fmt: skip
    return Programme.objects.create(
        code=code, name={"en": f"The {code}"}, kind="always_on", instrument=instrument,
        touchpoint=ensure_touchpoint(f"at-{code}", unit=unit, now=NOW), starts_at=NOW - timedelta(days=900),
    )  # fmt: skip


def uploaded(unit: Unit | None = None, kind: str = "feedback") -> tuple[Client, Import]:
    ensure_organization(now=NOW)
    member = add_member(
        username="liisa", name="Liisa", password="a long password 1", role="analyst", unit=unit or top_unit(),
        language="en", now=NOW,
    )  # fmt: skip
    client = Client(headers={"accept-language": "en"})
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/imports/", {"file": SimpleUploadedFile("answers.csv", FILE), "kind": kind})
    return client, Import.objects.latest("pk")


def start(client: Client, row: Import, **more: str) -> tuple[int, str]:
    response = client.post(f"/imports/{row.pk}/start/", {"mapping": MAPPING, **more})
    row.refresh_from_db()
    return response.status_code, response.content.decode()


@pytest.mark.parametrize(
    ("anonymity", "says"),
    [
        ("anonymous", "groups of five or more"),
        ("confidential", "not shown one by one"),
        ("identified", "Who answered is kept"),
    ],
)
def test_the_promise_of_a_chosen_programme_is_told_in_words(anonymity: str, says: str) -> None:
    ensure_organization(now=NOW)
    programme("pulse", anonymity)
    client, row = uploaded()
    page = client.post(
        f"/imports/{row.pk}/try/", {"mapping": MAPPING, "programme": "pulse", "promise": "1"}
    ).content.decode()
    assert f"These answers belong to the programme The pulse: {anonymity}." in page
    assert says in page
    assert "programme = &quot;pulse&quot;" in page


def test_nothing_comes_in_before_the_promise_was_on_the_page() -> None:
    ensure_organization(now=NOW)
    programme("pulse", "identified")
    programme("other", "anonymous")
    client, row = uploaded()
    status, page = start(client, row, programme="pulse")
    assert (status, row.state) == (422, "prepared")
    assert "Read above the mapping" in page
    assert 'name="promised" value="pulse"' in page
    # a mapping that names another programme by hand is no way around it
    by_hand = 'programme = "other"\n' + MAPPING
    status, _ = start(client, row, mapping=by_hand, programme="pulse", programme_was="pulse", promised="pulse")
    assert (status, row.state) == (422, "prepared")
    status, _ = start(client, row, programme="pulse", promised="pulse")
    assert (status, row.state) == (302, "waiting")
    assert row.mapping["programme"] == "pulse"
    run_waiting_imports(now=timezone.now(), stop=lambda: False)
    row.refresh_from_db()
    assert (row.state, row.accepted) == ("done", 2)


def test_a_file_without_a_programme_comes_in_as_it_always_did() -> None:
    ensure_organization(now=NOW)
    programme("pulse", "anonymous")
    client, row = uploaded()
    mapping = 'touchpoint = { value = "desk", create = true }\n' + MAPPING
    assert start(client, row, mapping=mapping, programme="")[0] == 302


def test_a_column_that_names_the_programmes_is_told_of() -> None:
    client, row = uploaded()
    mapping = 'programme = { column = "id" }\n' + MAPPING
    status, page = start(client, row, mapping=mapping)
    assert status == 422
    assert "Each record names its programme" in page
    assert "As the column “id” says" in page


def test_programmes_out_of_reach_and_other_kinds_of_data_are_not_offered() -> None:
    ensure_organization(now=NOW)
    north, south = (Unit.add(parent=top_unit(), code=code, name=code, kind="store") for code in ("north", "south"))
    programme("near", "identified", north)
    programme("far", "identified", south)
    client, row = uploaded(north)
    page = client.get(f"/imports/{row.pk}/").content.decode()
    assert "The near" in page
    assert "The far" not in page
    client.post("/imports/", {"file": SimpleUploadedFile("answers.csv", FILE), "kind": "visits"})
    page = client.get(f"/imports/{Import.objects.latest('pk').pk}/").content.decode()
    assert "The near" not in page
    assert "Which column of the file is visitors?" in page
