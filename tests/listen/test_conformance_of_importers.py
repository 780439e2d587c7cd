"""Every importer that ships keeps to what a plugin's importer is asked to keep to; one that does not is told why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

from luotain import plugins
from luotain.listen.importers.look import GROUP, importer_for, importer_named
from luotain.listen.importers.table import TableImporter
from luotain.testing import check_importer

EXPORTS = {
    "table": "id,score\n1,2\n",
    "json": '[{"id": 1, "score": 2}]',
    "qualtrics": 'StartDate,ResponseId\nStart,Id\n"{""ImportId"":""startDate""}","{""ImportId"":""_recordId""}"\n'
    "2026-05-01 10:00:00,R_1\n",
    "surveymonkey": "Respondent ID,Collector ID,End Date,Why?\n,,,Open-Ended Response\n1,2,2026-05-01,Cheap\n",
    "delighted": "Response ID,Survey Type,Score,Comment,Response Date\n1,nps,9,Hi,2026-05-01\n",
    "limesurvey": "id,submitdate,lastpage,startlanguage,Q1\n1,2026-05-01 10:00:00,2,fi,5\n",
    "typeform": "#,Why?,Submit Date (UTC)\nx,Cheap,2026-05-01 10:00:00\n",
    "tally": "Submission ID,Respondent ID,Submitted at,Why?\na,b,2026-05-01 10:00:00,Cheap\n",
    "formbricks": "Response ID,Timestamp,Finished,Survey ID,Why?\na,2026-05-01T10:00:00Z,Yes,s,Cheap\n",
    "survicate": '{"id": "1", "survey_id": "s", "completed_at": "2026-05-01", "answers": [{"question_id": "q"}]}',
    "google-play": "Package Name,Star Rating,Review Text,Review Submit Date and Time\nx,5,Hi,2026-05-01T10:00:00Z\n",
    "google-business": '{"reviews": [{"name": "r", "starRating": "FIVE", "createTime": "2026-05-01T10:00:00Z"}]}',
    "trustpilot": '{"id": "1", "stars": 5, "consumer": {"id": "c"}, "createdAt": "2026-05-01T10:00:00Z"}',
    "open311": '[{"service_code": "1", "requested_datetime": "2026-05-01T10:00:00Z", "description": "Kuoppa"}]',
    "zendesk": '{"id": 1, "subject": "x", "requester_id": 1, "via": {}, "created_at": "2026-05-01T10:00:00Z"}',
    "zammad": '[{"number": "1", "title": "x", "group": "g", "created_at": "2026-05-01T10:00:00Z"}]',
    "cfpb": "date_received,complaint_narrative\n5/1/2026,XXXX\n",
}


def export(folder: Path, name: str) -> Path:
    text = EXPORTS[name]
    path = folder / ("export.json" if text[0] in "[{" else "export.csv")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_the_importers_that_ship_keep_to_it(name: str, tmp_path: Path) -> None:
    check_importer(importer_named(name), export(tmp_path, name))


class Nameless(TableImporter):
    name = "No Name"


class Blind(TableImporter):
    def recognises(self, look: Any) -> float:
        return 0.0


class Greedy(TableImporter):
    def recognises(self, look: Any) -> float:
        return 1.0


class Fickle(TableImporter):
    read = 0

    @contextmanager
    def open(self, path: Path, reading: Any = None) -> Any:
        with super().open(path, reading) as table:
            type(self).read += 1
            table.columns = (f"id {self.read}", "score")
            yield table


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (Nameless, "no short code"),
        (Blind, "does not recognise"),
        (Greedy, "claims a file that is not its own"),
        (Fickle, "reads differently the second time"),
    ],
)
def test_an_importer_that_does_not_is_told_why(kind: Callable[[], Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=says):
        check_importer(kind(), export(tmp_path, "table"))


class Medallia(TableImporter):
    name = "medallia"
    title = "Medallia"

    def recognises(self, look: Any) -> float:
        return 0.95 if look.has("a_surveyid") else 0.0


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with an importer of its own, installed beside the product."""
    shipped = plugins.entry_points(group=GROUP)
    own = EntryPoint("medallia", f"{__name__}:Medallia", GROUP)
    monkeypatch.setattr(plugins, "entry_points", lambda group: EntryPoints([*shipped, own]).select(group=group))
    plugins._found.cache_clear()
    yield
    plugins._found.cache_clear()
    plugins.load.cache_clear()


def test_an_importer_of_another_package_is_found_by_name_and_by_its_files(installed: None, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("a_surveyid,score\n1,9\n", encoding="utf-8")
    assert importer_for(path).name == importer_named("medallia").name == "medallia"
    check_importer(importer_named("medallia"), path)
