"""Operations of listening: what is asked, and everything by which a voice comes in."""

from luotain.server.operations.listen.arrive import arrive
from luotain.server.operations.listen.codes import (
    DeclaredOtherwise,
    default_channels,
    default_scales,
    ensure_breakdown,
    ensure_channel,
    ensure_scale,
    ensure_touchpoint,
)
from luotain.server.operations.listen.facts import take_back
from luotain.server.operations.listen.imports import (
    CannotUndo,
    Undone,
    import_file,
    rejected_rows,
    undo_import,
)
from luotain.server.operations.listen.proposals import propose_mapping
from luotain.server.operations.listen.receive import receive

__all__ = [
    "CannotUndo",
    "DeclaredOtherwise",
    "Undone",
    "arrive",
    "default_channels",
    "default_scales",
    "ensure_breakdown",
    "ensure_channel",
    "ensure_scale",
    "ensure_touchpoint",
    "import_file",
    "propose_mapping",
    "receive",
    "rejected_rows",
    "take_back",
    "undo_import",
]
