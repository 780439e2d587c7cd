"""Operations of listening: what is asked, and everything by which a voice comes in."""

from luotain.server.operations.listen.codes import (
    DeclaredOtherwise,
    default_channels,
    default_scales,
    ensure_breakdown,
    ensure_channel,
    ensure_scale,
    ensure_touchpoint,
)
from luotain.server.operations.listen.receive import receive, take_back

__all__ = [
    "DeclaredOtherwise",
    "default_channels",
    "default_scales",
    "ensure_breakdown",
    "ensure_channel",
    "ensure_scale",
    "ensure_touchpoint",
    "receive",
    "take_back",
]
