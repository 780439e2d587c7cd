"""The stages of a case and the ways between them (ISO 10002:2018, clause 7).

A stage may be skipped forwards, because one good reply can acknowledge, assess and answer at once; a case never moves
backwards, save that an answer which did not satisfy, or a closed case, goes back to be investigated.
"""

from __future__ import annotations

from luotain.terms import CaseRefusal, Stage

_S = Stage

#: stage -> where a case may move from it
WAYS: dict[Stage, tuple[Stage, ...]] = {
    _S.RECEIVED: (_S.ACKNOWLEDGED, _S.ASSESSED, _S.INVESTIGATED, _S.ANSWERED),
    _S.ACKNOWLEDGED: (_S.ASSESSED, _S.INVESTIGATED, _S.ANSWERED),
    _S.ASSESSED: (_S.INVESTIGATED, _S.ANSWERED),
    _S.INVESTIGATED: (_S.ANSWERED,),
    _S.ANSWERED: (_S.CLOSED, _S.INVESTIGATED),
    _S.CLOSED: (_S.INVESTIGATED,),
}
#: at these a customer who left no address has been served as far as can be
_LOOKED_INTO = frozenset({_S.ASSESSED, _S.INVESTIGATED, _S.ANSWERED})


def ways(stage: Stage, *, reachable: bool) -> tuple[Stage, ...]:
    """Return the stages a case may move to; one whose customer cannot be reached may close once looked into."""
    onward = WAYS[stage]
    if not reachable and stage in _LOOKED_INTO and Stage.CLOSED not in onward:
        return (*onward, Stage.CLOSED)
    return onward


def may_move(stage: Stage, to: Stage, *, reachable: bool) -> CaseRefusal | None:
    """Return why a case may not move from ``stage`` to ``to``, or ``None`` when it may."""
    if to in ways(stage, reachable=reachable):
        return None
    if to == Stage.CLOSED and stage != Stage.CLOSED:
        return CaseRefusal.ANSWER_FIRST if reachable else CaseRefusal.LOOK_FIRST
    return CaseRefusal.WRONG_STAGE


def may_solve(stage: Stage, *, solved: bool, reachable: bool) -> CaseRefusal | None:
    """Return why a case may not be called solved, or ``None``: whoever can be reached is answered first."""
    if solved:
        return CaseRefusal.ALREADY_SOLVED
    if stage == Stage.CLOSED:
        return CaseRefusal.CLOSED
    if reachable:
        return None if stage == Stage.ANSWERED else CaseRefusal.ANSWER_FIRST
    return None if stage in _LOOKED_INTO else CaseRefusal.LOOK_FIRST
