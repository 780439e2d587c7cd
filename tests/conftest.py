"""What all tests share."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# The tests' own home: nothing of the developer's installation is read or written.
os.environ["LUOTAIN_HOME"] = tempfile.mkdtemp(prefix="luotain-test-")
os.environ["LUOTAIN_SMTP_URL"] = ""

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture
def shared() -> Path:
    """The folder of real data and truth tables that stands beside the project, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared (real data and truth tables) is not here")
    return SHARED
