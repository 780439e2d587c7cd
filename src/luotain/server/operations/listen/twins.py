"""Voices that have come in by another door already: a webhook's in a file of its sender, and the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from luotain.listen.hooks.twins import EXPORTED, Key, twins
from luotain.listen.submission import Submission
from luotain.server.models.listen import Feedback, HeldVoice, Hook
from luotain.server.operations.listen.held import held_key
from luotain.terms import HookKind

#: how many ids one query asks for
_CHUNK = 500
_SENDERS = frozenset(kind.value for kind in EXPORTED)


def known_elsewhere(submissions: Sequence[Submission]) -> dict[int, int]:
    """Return which of these (by their places from 0) came in by another door, each with the id of what it became.

    The id is 0 for what an anonymous programme holds or has let out: nothing leads to it. A voice that is known under
    its own name is left to those who complete what is half-told.
    """
    if not any(one.source in _SENDERS or one.source.startswith("hook:") for one in submissions):
        return {}
    hooks = {code: HookKind(kind) for code, kind in Hook.objects.values_list("code", "kind")}
    others = {
        place: found for place, one in enumerate(submissions) if (found := twins((one.source, one.source_id), hooks))
    }
    if not others:
        return {}
    own = {place: (submissions[place].source, submissions[place].source_id) for place in others}
    known = _known({*own.values(), *(key for keys in others.values() for key in keys)})
    return {
        place: next(known[key] for key in keys if key in known)
        for place, keys in others.items()
        if own[place] not in known and any(key in known for key in keys)
    }


def _known(keys: Iterable[Key]) -> dict[Key, int]:
    """Return those of these names that are known, each with the id of its feedback."""
    found: dict[Key, int] = {}
    by_source: dict[str, list[str]] = {}
    for source, name in sorted(keys):
        by_source.setdefault(source, []).append(name)
    for source, names in by_source.items():
        for start in range(0, len(names), _CHUNK):
            part = names[start : start + _CHUNK]
            rows = Feedback.objects.filter(source=source, source_id__in=part).values_list("source_id", "pk")
            held = {held_key(source, name): name for name in part}
            kept = HeldVoice.objects.filter(pk__in=held).values_list("pk", flat=True)
            found.update({(source, held[key]): 0 for key in kept})
            found.update({(source, name): pk for name, pk in rows})
    return found
