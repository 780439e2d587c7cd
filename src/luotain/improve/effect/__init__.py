"""Verified effect: what an action changed, told apart from what would have happened anyway.

======================  ==============================================================================================
:func:`did`             something was done in some places and not in others, from one time on
:func:`group_time`      it was done at different times in different places
:func:`synthetic_did`   it was done in one place, or few, and many others were left alone
:func:`its`             it was done everywhere at once: what the series did, against its own course
:func:`counterfactual`  the same, with series that were not touched to tell what would have been
:func:`cuped`           who is treated was drawn by lot, and they were known before
======================  ==============================================================================================

All take a long table (see :mod:`luotain.understand.given`) and the names of its columns. The product's own
verification of actions is :mod:`luotain.improve.effect.weeks`.
"""

from importlib import import_module
from typing import Any

#: public name -> the module that defines it; loaded when first used, because the product needs only the weeks
_PUBLIC = {
    "did": "panel",
    "group_time": "staggered",
    "synthetic_did": "synthetic",
    "its": "series",
    "counterfactual": "structural",
    "cuped": "experiment",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'luotain.improve.effect' has no attribute {name!r}")
    return getattr(import_module(f"luotain.improve.effect.{_PUBLIC[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
