"""Every package is justified on a page of docs/decisions/."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_every_package_has_a_decision() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"]]
    for group in (*project["project"]["optional-dependencies"].values(), *project["dependency-groups"].values()):
        asked += group
    names = {re.split(r"[\[<>=~!; ]", line)[0] for line in asked}
    pages = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "decisions").glob("*.md")).lower()
    assert sorted(name for name in names if name.lower() not in pages) == []


def test_requirements_name_no_address() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        lines = file.read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if "://" in line or line.startswith(("-i", "--index", "--extra-index"))], (
            file
        )
        pinned = [line for line in lines if re.match(r"^[A-Za-z0-9]", line)]
        assert all("==" in line for line in pinned), file
        assert sum("--hash=sha256:" in line for line in lines) >= len(pinned), file
