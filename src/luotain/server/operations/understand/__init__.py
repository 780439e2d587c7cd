"""Operations of understanding: figures with their intervals, the pages that show them, and the copy they come from."""

from luotain.server.operations.understand.against import difference
from luotain.server.operations.understand.beside import Beside, benchmarks_beside, own_card
from luotain.server.operations.understand.doubts import (
    Both,
    QualityLine,
    QualityPage,
    both_ways,
    doubtful_voices,
    quality_page,
)
from luotain.server.operations.understand.figures import database_url, measure, read, segments_folder
from luotain.server.operations.understand.journey import JourneyOverview, StageOverview, Stop, journey_overview
from luotain.server.operations.understand.pages import (
    OFFERED,
    PUBLISHED,
    Line,
    Question,
    Sheet,
    Standout,
    breakdowns,
    chart_of,
    may_draw,
    measure_names,
    months_told,
    names_of,
    sheets,
    warm_up,
)

__all__ = [
    "OFFERED",
    "PUBLISHED",
    "Beside",
    "Both",
    "JourneyOverview",
    "Line",
    "QualityLine",
    "QualityPage",
    "Question",
    "Sheet",
    "StageOverview",
    "Standout",
    "Stop",
    "benchmarks_beside",
    "both_ways",
    "breakdowns",
    "chart_of",
    "database_url",
    "difference",
    "doubtful_voices",
    "journey_overview",
    "may_draw",
    "measure",
    "measure_names",
    "months_told",
    "names_of",
    "own_card",
    "quality_page",
    "read",
    "segments_folder",
    "sheets",
    "warm_up",
]
