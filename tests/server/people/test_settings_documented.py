"""Every variable of the environment that the code reads is described, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
#: how the code reads the environment: os.environ["X"], os.environ.get("X"), flag("X"), and the lines of secrets.env
READS = re.compile(
    r"""(?:environ(?:\.get|\.setdefault)?[\[(]|flag\()\s*["'](LUOTAIN_[A-Z_]+)["']|f?"(LUOTAIN_[A-Z_]+)="""
)
ROW = re.compile(r"^\| `(LUOTAIN_[A-Z_]+)` \|", re.MULTILINE)


def _read_in_code() -> set[str]:
    found: set[str] = set()
    for file in (ROOT / "src").rglob("*.py"):
        for one, other in READS.findall(file.read_text(encoding="utf-8")):
            found.add(one or other)
    return found


def _described() -> list[str]:
    return ROW.findall((ROOT / "docs/reference/settings.md").read_text(encoding="utf-8"))


def test_every_setting_that_the_code_reads_is_described() -> None:
    assert _read_in_code() - set(_described()) == set(), "describe it in docs/reference/settings.md"


def test_no_setting_is_described_that_the_code_does_not_read() -> None:
    assert set(_described()) - _read_in_code() == set()


def test_no_setting_is_described_twice() -> None:
    assert len(_described()) == len(set(_described()))


def test_the_search_for_settings_finds_those_that_we_know() -> None:
    assert {"LUOTAIN_HOME", "LUOTAIN_KEYS", "LUOTAIN_DEBUG", "LUOTAIN_SMTP_URL"} <= _read_in_code()
