"""The import page: a file in, a trial, its ledger, and out again."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from luotain.language.said import Said
from luotain.server.models.listen import Feedback, Import
from luotain.server.models.people import Unit
from luotain.server.operations.listen import uploads
from luotain.server.operations.listen.uploads import run_waiting_imports, upload_path
from luotain.server.operations.people import add_member, ensure_organization, top_unit
from luotain.server.web import said

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
FILE = """id;day;score;words
1;13.5.2026;9;Kiitos kaikesta, palvelu oli todella hyvää.
2;14.5.2026;12;
3;15.5.2026;2;
""".encode()
MAPPING = """
source = "test"
id = "id"
occurred_at = { column = "day", formats = ["%d.%m.%Y"] }
touchpoint = { value = "desk", create = true }
verbatim = ["words"]
[[answers]]
column = "score"
measure = "nps"
scale = "nps_0_10"
"""

pytestmark = pytest.mark.django_db


def log_in(username: str = "liisa", unit: Unit | None = None) -> Client:
    ensure_organization(now=NOW)
    member = add_member(
        username=username, name="Liisa", password="a long password 1", role="analyst", unit=unit or top_unit(),
        language="en", now=NOW,
    )  # fmt: skip
    client = Client(headers={"accept-language": "en"})
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client


def upload(client: Client, content: bytes = FILE, name: str = "voices.csv", kind: str = "feedback") -> Import:
    response = client.post("/imports/", {"file": SimpleUploadedFile(name, content), "kind": kind})
    assert response.status_code == 302
    return Import.objects.latest("pk")


def test_a_file_is_shown_tried_brought_in_and_taken_out() -> None:
    client = log_in()
    row = upload(client)
    page = client.get(f"/imports/{row.pk}/").content.decode()
    assert "Kiitos kaikesta" in page
    assert "measure = &quot;?&quot;" in page
    trial = client.post(f"/imports/{row.pk}/try/", {"mapping": MAPPING}).content.decode()
    assert "3 read = 2 accepted + 0 duplicate + 1 rejected" in trial
    assert Feedback.objects.count() == 0
    assert client.post(f"/imports/{row.pk}/start/", {"mapping": MAPPING}).status_code == 302
    assert "every 1s" in client.get(f"/imports/{row.pk}/").content.decode()
    assert run_waiting_imports(now=NOW, stop=lambda: False) == 3
    row.refresh_from_db()
    assert (row.state, row.read, row.accepted, row.rejected) == ("done", 3, 2, 1)
    assert not upload_path(row).exists()
    assert "HX-Refresh" in client.get(f"/imports/{row.pk}/progress/").headers
    rejected = b"".join(client.get(f"/imports/{row.pk}/rejected.csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    assert rejected.splitlines()[1].startswith('2,14.5.2026,12,,2,score,"not on the scale nps_0_10')
    assert client.post(f"/imports/{row.pk}/undo/").status_code == 302
    assert Feedback.objects.count() == 0
    assert "taken out again" in client.get(f"/imports/{row.pk}/").content.decode()


def test_a_rejection_is_read_in_the_language_of_the_reader_whoever_brought_the_file_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = log_in()
    words = {
        "not on the scale %(scale)s (%(range)s): correct the value, or declare the scale it was given on": (
            "ei ole asteikolla %(scale)s (%(range)s)"
        ),
        "%(column)s = '%(value)s' is not on its scale: kept, outside the measure": "%(value)s pidettiin",
    }
    kept = MAPPING + 'unknown = "keep_without_value"\n'
    rows = [upload(client, FILE + extra.encode()) for extra in ("", "4;16.5.2026;13;\n")]
    for row, mapping in zip(rows, (MAPPING, kept), strict=True):
        assert client.post(f"/imports/{row.pk}/start/", {"mapping": mapping}).status_code == 302
    run_waiting_imports(now=NOW, stop=lambda: False)

    pages = [f"/imports/{row.pk}/" for row in rows]
    assert "Not on the scale nps_0_10 (0–10)" in client.get(pages[0]).content.decode()
    monkeypatch.setattr(said, "gettext", lambda text: words.get(text, text))
    assert "Ei ole asteikolla nps_0_10 (0–10)" in client.get(pages[0]).content.decode()
    assert "13 pidettiin" in client.get(pages[1]).content.decode()
    rejected = b"".join(client.get(f"{pages[0]}rejected.csv")).decode()  # type: ignore[arg-type]
    assert "ei ole asteikolla nps_0_10 (0–10)" in rejected


def test_numbers_in_a_text_are_written_as_the_reader_writes_them() -> None:
    text = Said("%(count)s characters, and at most %(most)s", count=20_001, most=Said("%(most)s", most=20_000))
    with translation.override("fi"):
        assert said.tell(text).replace("\xa0", " ") == "20 001 characters, and at most 20 000"
    with translation.override("en"):
        assert said.tell(text) == text == "20,001 characters, and at most 20,000"
    assert said.tell("a text of a person, 5 %") == "a text of a person, 5 %"


def test_an_open_question_and_a_wrong_column_are_answered_on_the_page() -> None:
    client = log_in()
    row = upload(client)
    wrong = client.post(f"/imports/{row.pk}/start/", {"mapping": MAPPING.replace('"score"', '"scor"')})
    assert wrong.status_code == 422
    assert "did you mean &#x27;score&#x27;?" in wrong.content.decode()
    still_open = client.post(f"/imports/{row.pk}/start/", {"mapping": MAPPING.replace('"nps"', '"?"')})
    assert "answers.measure is still open" in still_open.content.decode()
    row.refresh_from_db()
    assert row.state == "prepared"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.7 x", "PDF document"),
        (b"", "empty"),
        (b"\x00\x01\x02" * 99, "binary"),
        (b"1;2\n3;4\n", "only numbers"),
    ],
)
def test_what_is_no_table_is_refused_with_its_remedy_and_nothing_is_kept(content: bytes, says: str) -> None:
    client = log_in()
    response = client.post("/imports/", {"file": SimpleUploadedFile("x.csv", content), "kind": "feedback"})
    assert response.status_code == 422
    assert says in response.content.decode()
    assert Import.objects.count() == 0


def test_a_member_of_a_part_sees_only_their_own_imports() -> None:
    row = upload(log_in())
    part = Unit.add(parent=top_unit(), code="part", name="Part", kind="team")
    other = log_in("matti", part)
    assert other.get(f"/imports/{row.pk}/").status_code == 404
    assert "voices.csv" not in other.get("/imports/").content.decode()


def test_a_removed_file_is_gone_from_the_disk() -> None:
    client = log_in()
    row = upload(client)
    path: Path = upload_path(row)
    assert path.exists()
    client.post(f"/imports/{row.pk}/discard/")
    assert not path.exists()
    assert Import.objects.count() == 0


def test_other_kinds_begin_with_the_keys_that_they_need() -> None:
    client = log_in()
    row = upload(client, b"unit;month;sales\nA;2026-01;12\n", "sales.csv", "figures")
    page = client.get(f"/imports/{row.pk}/").content.decode()
    assert "period = { column = &quot;?&quot; }" in page


def test_a_slice_lasts_as_long_as_the_way_to_where_it_begins() -> None:
    clock = iter([0.0, 100.0, 150.0, 199.0, 201.0])
    enough = uploads.slice_of_time(lambda: False, lambda: next(clock))
    assert [enough() for _ in range(4)] == [False, False, False, True]
    assert uploads.slice_of_time(lambda: True)()


DELIGHTED = b"""Response ID,Survey Type,Score,Comment,Response Date (ISO8601),Email,Delighted Source
1,nps,9,Kiitos,2026-05-01T10:00:00Z,a@b.fi,email
2,nps,2,,2026-05-02T10:00:00Z,,email
"""


def test_an_export_of_another_tool_is_recognised_and_needs_no_mapping() -> None:
    client = log_in()
    row = upload(client, DELIGHTED, "delighted.csv")
    assert row.format == "delighted"
    page = client.get(f"/imports/{row.pk}/").content.decode()
    assert '<option value="delighted" selected>Delighted</option>' in page
    assert "Nothing is open" in page
    anew = client.get(f"/imports/{row.pk}/?format=table").content.decode()
    assert '<option value="table" selected>' in anew
    assert "What does &#x27;Score&#x27;" in anew
    toml = uploads.preview(row).proposal.toml
    trial = client.post(f"/imports/{row.pk}/try/", {"mapping": toml}).content.decode()
    assert "2 read = 2 accepted" in trial
    client.post(f"/imports/{row.pk}/start/", {"mapping": toml})
    assert run_waiting_imports(now=NOW, stop=lambda: False) == 2
    assert Feedback.objects.filter(customer=None).count() == 2


def test_an_unknown_importer_is_answered_with_the_known_ones() -> None:
    client = log_in()
    row = upload(client, DELIGHTED, "delighted.csv")
    page = client.get(f"/imports/{row.pk}/?format=medallia")
    assert page.status_code == 422
    assert "installed: cfpb, delighted" in page.content.decode()


def test_the_mapping_of_an_earlier_file_is_proposed_for_one_with_the_same_columns_and_can_be_taken_along() -> None:
    client = log_in()
    first = upload(client)
    client.post(f"/imports/{first.pk}/start/", {"mapping": MAPPING})
    run_waiting_imports(now=NOW, stop=lambda: False)
    download = client.get(f"/imports/{first.pk}/mapping.toml")
    assert 'measure = "nps"' in download.content.decode()
    second = upload(client, FILE + b"4;16.5.2026;3;\n", "june.csv")
    page = client.get(f"/imports/{second.pk}/").content.decode()
    assert "the mapping with which voices.csv came in on 2026-06-01 fits these columns" in page.lower().replace(
        "&#x27;", "'"
    )
    assert "measure = &quot;nps&quot;" in page
    other = upload(client, b"when;grade\n1.5.2026;3\n", "other.csv")
    assert "voices.csv" not in client.get(f"/imports/{other.pk}/").content.decode()


def test_a_stretch_of_changed_dates_is_decided_with_a_button() -> None:
    client = log_in()
    days = ["25/02/2021", "03/04/2021", "10/17/2021", "10/03/2021", "26/05/2021"]
    row = upload(client, ("id,day,score\n" + "".join(f"{n},{day},9\n" for n, day in enumerate(days))).encode())
    mapping = MAPPING.replace('"%d.%m.%Y"', '"%d/%m/%Y"').replace('verbatim = ["words"]', "")
    trial = client.post(f"/imports/{row.pk}/try/", {"mapping": mapping}).content.decode()
    assert "5 read = 2 accepted" in trial
    assert "Read these stretches with day and month changed" in trial
    turned = client.post(f"/imports/{row.pk}/try/", {"mapping": mapping, "turn": "1"}).content.decode()
    assert "5 read = 5 accepted" in turned
    assert "month_first = [[2, 4]]" in turned
    assert "Read these stretches" not in turned


def test_an_archive_with_one_table_is_that_table() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Survey/delighted.csv", DELIGHTED)
    client = log_in()
    row = upload(client, packed.getvalue(), "export.zip")
    assert (row.file_name, row.format, upload_path(row).suffix) == ("delighted.csv", "delighted", ".csv")
    assert [path.name for path in upload_path(row).parent.glob(f"{row.pk}.*")] == [f"{row.pk}.csv"]
    assert "Kiitos" in client.get(f"/imports/{row.pk}/").content.decode()
