"""CSAT: the share of satisfied answers (4 or 5 of 5), in per cent."""

from __future__ import annotations

from typing import Final

from luotain.terms import OFFICIAL_SCALE, MeasureName
from luotain.understand.kinds import TopShare

CSAT: Final = TopShare(MeasureName.CSAT.value, OFFICIAL_SCALE[MeasureName.CSAT], top_from=4)
