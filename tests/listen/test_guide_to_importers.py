"""The importer in the guide for authors of plugins works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from luotain.testing import check_importer

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "write-an-importer.md"


def test_the_importer_in_the_guide_passes_its_own_check(tmp_path: Path) -> None:
    code = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)[0]
    place: dict[str, Any] = {"__name__": "guide"}
    exec(compile(code, str(GUIDE), "exec"), place)
    path = tmp_path / "export.csv"
    path.write_text("a_surveyid,response_date,Likelihood to Recommend,Why?,Email\n1,2026-05-01,9,Cheap,a@b.fi\n")
    check_importer(place["MedalliaImporter"](), path)
