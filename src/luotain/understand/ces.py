"""CES 2.0: how easy it was, as the mean of answers from 1 to 7 (Dixon, Toman & DeLisi 2013)."""

from __future__ import annotations

from typing import Final

from luotain.terms import OFFICIAL_SCALE, MeasureName
from luotain.understand.kinds import Mean

CES: Final = Mean(MeasureName.CES.value, OFFICIAL_SCALE[MeasureName.CES])
