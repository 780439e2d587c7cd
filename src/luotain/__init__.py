"""Luotain: lead customer experience in one loop: listen, understand, respond, improve.

The names below are the public library. They are looked up when first used, so that ``import luotain`` is
quick and never loads Django.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

#: public name -> the module that defines it
_PUBLIC: dict[str, str] = {
    "nps": "luotain.understand.figures",
    "ces": "luotain.understand.figures",
    "csat": "luotain.understand.figures",
    "share": "luotain.understand.figures",
    "mean": "luotain.understand.figures",
    "contrast": "luotain.understand.figures",
    "connect": "luotain.understand.connection",
    "compare": "luotain.understand.difference",
    "Card": "luotain.understand.compare",
    "NotComparable": "luotain.understand.estimate",
    "BadInput": "luotain.understand.given",
    "TooFewAnswers": "luotain.understand.given",
    "UnknownColumn": "luotain.understand.given",
    "NotANumber": "luotain.understand.given",
    "BadWeight": "luotain.understand.given",
    "OutsideScale": "luotain.understand.given",
    "nps_posterior": "luotain.understand.dirichlet",
    "pool": "luotain.understand.segments",
    "adjust": "luotain.understand.segments",
    "careless": "luotain.understand.careless",
    "bounds": "luotain.understand.silence",
    "data_defect": "luotain.understand.silence",
    "kish": "luotain.understand.silence",
    "rake": "luotain.understand.raking",
    "nps_interval": "luotain.understand.interval",
    "nps_difference": "luotain.understand.interval",
    "drivers": "luotain.understand.drivers",
    "linkage": "luotain.understand.linkage",
    "reversal": "luotain.understand.reversal",
    "words": "luotain.understand.words",
    "keyness": "luotain.understand.keyness",
    "cusum": "luotain.understand.cusum",
    "bgnbd": "luotain.understand.value",
    "gamma_gamma": "luotain.understand.value",
    "retention": "luotain.understand.value",
    "value": "luotain.understand.value",
    "decay": "luotain.understand.decay",
}

#: public name -> the module that it is
_MODULES: dict[str, str] = {
    "effect": "luotain.improve.effect",
}

__all__ = ["__version__", *_PUBLIC, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name not in _PUBLIC:
        raise AttributeError(f"module 'luotain' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
