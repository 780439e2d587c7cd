"""What a new installation starts with: rules of triage, causes and a first playbook. Running it again adds nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from luotain.respond.causes import DEFAULT_CAUSES
from luotain.respond.triage import DEFAULT_RULES
from luotain.server.models.respond import Playbook, TriageRule
from luotain.server.models.understand import Cause
from luotain.terms import Priority, Remedy

DEFAULT_PLAYBOOK = "recovery"

#: A careful start: explain what was nobody's fault, put right what was ours, and climb higher only when it weighs.
DEFAULT_TABLE: dict[str, Any] = {
    "columns": [
        {
            "name": "within_control",
            "label": {"en": "within our control", "fi": "meistä riippuva", "sv": "inom vår kontroll"},
            "values": ["yes", "no", "unknown"],
        },
        {
            "name": "priority",
            "label": {"en": "priority", "fi": "kiireellisyys", "sv": "prioritet"},
            "values": [priority.value for priority in Priority],
        },
    ],
    "rules": [
        {"when": {"within_control": ["no"]}, "then": {"remedy": Remedy.EXPLANATION.value}},
        {
            "when": {"within_control": ["yes"], "priority": [Priority.URGENT.value, Priority.HIGH.value]},
            "then": {"remedy": Remedy.GESTURE.value},
        },
        {"when": {"within_control": ["yes"]}, "then": {"remedy": Remedy.REPAIR.value}},
        {"when": {}, "then": {"remedy": Remedy.APOLOGY.value}},
    ],
}


def default_rules() -> int:
    """Add the default rules of triage that are missing by their code; return how many were added.

    A rule that the company has changed or switched off stays as it is.
    """
    known = set(TriageRule.objects.values_list("code", flat=True))
    missing = [
        TriageRule(
            code=rule.code,
            name=dict(rule.name),
            order=10 * (place + 1),
            measure=rule.measure,
            categories=sorted(rule.categories),
            kinds=sorted(rule.kinds),
            contact_wanted=rule.contact_wanted,
            priority=rule.priority,
            touch_hours=rule.touch_hours,
            solve_hours=rule.solve_hours,
        )
        for place, rule in enumerate(DEFAULT_RULES)
        if rule.code not in known
    ]
    return len(TriageRule.objects.bulk_create(missing, ignore_conflicts=True))


def default_causes() -> int:
    """Add the default causes that are missing by their code; return how many were added."""
    known = set(Cause.objects.values_list("code", flat=True))
    missing = [
        Cause(code=cause.code, name=dict(cause.name), within_control=cause.within_control)
        for cause in DEFAULT_CAUSES
        if cause.code not in known
    ]
    return len(Cause.objects.bulk_create(missing, ignore_conflicts=True))


def default_playbook(*, now: datetime) -> Playbook:
    """Return the first version of the default playbook, made and put in force if there is none."""
    playbook, _ = Playbook.objects.get_or_create(
        code=DEFAULT_PLAYBOOK,
        version=1,
        defaults={
            "name": {"en": "Recovery", "fi": "Hyvitys", "sv": "Gottgörelse"},
            "table": DEFAULT_TABLE,
            "in_force_from": now,
        },
    )
    return playbook
