"""A database that is restarted in the middle costs the request in hand at most, and nothing is half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tools import postgres

#: sends batches one after the other; while the fourth is under way, the database is restarted
SENDER = """
import json, subprocess, sys, threading, time
import django
django.setup()
from django.db import connection
from django.test import Client
from django.utils import timezone
from luotain.server.models.listen import Answer, Fact, Feedback
from luotain.server.operations import listen, people
from luotain.server.operations.people.tokens import create_token

people.migrate()
now = timezone.now()
people.ensure_organization(now=now)
listen.default_scales()
secret = create_token(name="till", role="analyst", unit=people.top_unit(), now=now).secret
sender = Client(headers={"host": "localhost"}, raise_request_exception=False)

def send(number):
    voices = [
        {"source_id": f"{number}-{n}", "occurred_at": now.isoformat(),
         "answers": [{"code": "nps", "measure": "nps", "scale": "nps_0_10", "value": 9}]}
        for n in range(3000)
    ]
    answer = sender.post("/api/v1/feedback", json.dumps({"items": voices}), content_type="application/json",
                         headers={"authorization": f"Bearer {secret}"})
    connection.close()  # as the real server does after each request: the pool gets it back
    return answer.status_code

restart = threading.Thread(target=subprocess.run, args=(sys.argv[1:],), kwargs={"check": True})
told = []
for number in range(8):
    if number == 3:
        restart.start()
    told.append(send(number))
restart.join()
kept = [Feedback.objects.filter(source_id__startswith=f"{number}-").count() for number in range(8)]
print(json.dumps({"told": told, "kept": kept, "answers": Answer.objects.count(), "facts": Fact.objects.count()}))
"""


@pytest.mark.slow
@pytest.mark.postgres
def test_a_restart_in_the_middle_costs_one_request_at_most(tmp_path: Path) -> None:
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgres.server() as address:
        import psycopg

        with psycopg.connect(address) as connection:
            ((folder,),) = connection.execute("SHOW data_directory").fetchall()
        again = [
            str(programs / "pg_ctl"),
            "-D",
            folder,
            "-s",
            "-w",
            "-m",
            "immediate",
            "-l",
            f"{folder}/log",
            "restart",
        ]
        done = subprocess.run(
            [sys.executable, "-c", SENDER, *postgres.as_owner(again)],
            env={**os.environ, "LUOTAIN_DATABASE_URL": address, "LUOTAIN_HOME": str(tmp_path)},
            capture_output=True, text=True, check=False, timeout=120, cwd="/",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["told"].count(200) >= 7, found
    assert [kept == 3000 for kept in found["kept"]] == [status == 200 for status in found["told"]]
    assert set(found["kept"]) <= {0, 3000}
    assert found["answers"] == found["facts"] == sum(found["kept"])
