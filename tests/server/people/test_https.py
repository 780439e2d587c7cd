"""An installation whose address is https, behind a proxy that ends TLS."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

_LOOK = """
import django, json
django.setup()
from django.test import Client
answer = Client(headers={"host": "voice.example", "x-forwarded-proto": "https"}).get("/notices/")
from django.conf import settings
insist = answer.headers.get("Strict-Transport-Security")
print(json.dumps([answer.status_code < 400, insist, settings.SESSION_COOKIE_SECURE]))
"""


def _told(environment: dict[str, str], address: str) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True,
        env=environment | {"LUOTAIN_ADDRESS": address, "DJANGO_SETTINGS_MODULE": "luotain.server.settings"},
    )  # fmt: skip
    told: list[object] = json.loads(done.stdout)
    return told


def test_browsers_are_told_to_stay_on_https_only_where_the_address_is_https(
    home: Path, environment: dict[str, str]
) -> None:
    assert _told(environment, "https://voice.example") == [True, "max-age=31536000", True]
    assert _told(environment, "http://voice.example") == [True, None, False]
