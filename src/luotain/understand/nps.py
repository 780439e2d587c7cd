"""NPS: the share of promoters (9–10) minus the share of detractors (0–6), in points, on the official 0–10 scale only.

Reichheld (2003), *The One Number You Need to Grow*. Net Promoter® and NPS® are registered trademarks; see the docs.
"""

from __future__ import annotations

from typing import Final

from luotain.terms import OFFICIAL_SCALE, MeasureName
from luotain.understand.kinds import NetShare

NPS: Final = NetShare(MeasureName.NPS.value, OFFICIAL_SCALE[MeasureName.NPS], bottom_to=6, top_from=9)
