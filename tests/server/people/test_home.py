"""The folder of an installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from luotain.server.home import prepare


def test_a_new_home_opens_to_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUOTAIN_HOME", str(tmp_path / "our" / "luotain"))
    for name in ("LUOTAIN_SECRET_KEY", "LUOTAIN_KEYS"):
        monkeypatch.setenv(name, "as it was")
    folder = prepare()
    assert [oct((folder / name).stat().st_mode & 0o777) for name in ("", "secrets.env")] == ["0o700", "0o600"]
    assert prepare() == folder
