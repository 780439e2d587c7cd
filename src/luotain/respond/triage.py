"""Does a voice open a case, and how soon must somebody answer?

The rules are data that the company edits (rows of ``TriageRule``); :data:`DEFAULT_RULES` is what a new installation
starts with. The first rule that matches decides. Categories come from the scale of each answer, so "not recommended"
(``yes_no``) and a 4 or 5 of the Friends and Family Test (reversed) open a case exactly as a detractor does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from luotain.terms import Category, Emotion, FeedbackKind, MeasureName, Population, Priority, TriageReason, Valence

#: the categories that say something went wrong
UNHAPPY = frozenset({Category.DETRACTOR, Category.POOR})


@dataclass(frozen=True, slots=True)
class Rule:
    """What opens a case: all that is stated must hold, and a rule that states nothing never matches.

    ``touch_hours`` and ``solve_hours`` are business hours from the arrival of the feedback.
    """

    code: str
    categories: frozenset[str] = frozenset()
    measure: str = ""
    kinds: frozenset[str] = frozenset()
    contact_wanted: bool = False
    touchpoint: int | None = None
    priority: Priority = Priority.NORMAL
    touch_hours: int = 8
    solve_hours: int = 40
    name: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """One answer, as far as triage needs it; ``value`` is oriented (higher is better) or strength of an emotion."""

    measure: str
    category: str = ""
    label: str = ""
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Voice:
    """One feedback, as far as triage needs it."""

    kind: str
    population: str
    answers: tuple[Told, ...] = ()
    contact_wanted: bool = False
    touchpoint: int | None = None
    #: whether it holds words, or is of somebody we know: else a score alone leaves nobody to answer and nothing to read
    tangible: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a case is opened, by which rule, why, and how soon it must be touched and solved."""

    opens: bool
    reason: TriageReason
    rule: str = ""
    priority: Priority = Priority.NORMAL
    touch_hours: int = 0
    solve_hours: int = 0


DEFAULT_RULES: tuple[Rule, ...] = (
    Rule(
        "unhappy_wants_contact",
        categories=UNHAPPY,
        contact_wanted=True,
        priority=Priority.URGENT,
        touch_hours=4,
        solve_hours=24,
        name={
            "en": "Unhappy and wishes to be contacted",
            "fi": "Tyytymätön ja toivoo yhteydenottoa",
            "sv": "Missnöjd och vill bli kontaktad",
        },
    ),
    Rule(
        "complaint",
        kinds=frozenset({FeedbackKind.COMPLAINT}),
        priority=Priority.HIGH,
        touch_hours=8,
        solve_hours=40,
        name={"en": "Complaint", "fi": "Valitus", "sv": "Klagomål"},
    ),
    Rule(
        "contact",
        contact_wanted=True,
        priority=Priority.HIGH,
        touch_hours=8,
        solve_hours=40,
        name={"en": "Wishes to be contacted", "fi": "Toivoo yhteydenottoa", "sv": "Vill bli kontaktad"},
    ),
    Rule(
        "detractor",
        categories=frozenset({Category.DETRACTOR}),
        touch_hours=16,
        solve_hours=40,
        name={"en": "Would not recommend us", "fi": "Ei suosittelisi meitä", "sv": "Skulle inte rekommendera oss"},
    ),
    Rule(
        "poor",
        categories=frozenset({Category.POOR}),
        touch_hours=16,
        solve_hours=80,
        name={"en": "Poor score", "fi": "Heikko arvosana", "sv": "Lågt betyg"},
    ),
)


def triage(voice: Voice, rules: Sequence[Rule]) -> Decision:
    """Decide whether ``voice`` opens a case.

    Parameters
    ----------
    voice
        The feedback. Employees' answers never open cases: they were asked as employees, not as customers.
    rules
        In order; the first that matches decides. One that looks at scores alone opens no case of a voice that holds
        neither words nor a wish to be contacted and is nobody's: it is counted, and there is nothing that a person
        could do about it.
    """
    if voice.population == Population.EMPLOYEE:
        return Decision(opens=False, reason=TriageReason.EMPLOYEE)
    for rule in rules:
        if _matches(rule, voice):
            if not (voice.tangible or voice.contact_wanted or rule.kinds):
                return Decision(opens=False, reason=TriageReason.NOBODY)
            return Decision(
                opens=True,
                reason=_reason(rule),
                rule=rule.code,
                priority=rule.priority,
                touch_hours=rule.touch_hours,
                solve_hours=rule.solve_hours,
            )
    return Decision(opens=False, reason=TriageReason.NOTHING_WRONG)


def feeling(answers: Iterable[Told]) -> str:
    """Return the emotion that weighs most in what was told: the strongest unpleasant one, else the strongest.

    Empty when no emotion was told. A negative feeling comes first because it is what the case must mend (S24).
    """
    felt = [told for told in answers if told.measure == MeasureName.EMOTION and told.label in set(Emotion)]
    felt = [told for told in felt if told.value is None or told.value > 1]
    if not felt:
        return ""
    weightiest = max(felt, key=lambda told: (Emotion(told.label).valence == Valence.NEGATIVE, told.value or 0.0))
    return Emotion(weightiest.label).value


def _matches(rule: Rule, voice: Voice) -> bool:
    if not (rule.categories or rule.kinds or rule.contact_wanted):
        return False
    if rule.touchpoint is not None and rule.touchpoint != voice.touchpoint:
        return False
    if rule.contact_wanted and not voice.contact_wanted:
        return False
    if rule.kinds and voice.kind not in rule.kinds:
        return False
    return not rule.categories or any(
        told.category in rule.categories and rule.measure in ("", told.measure) for told in voice.answers
    )


def _reason(rule: Rule) -> TriageReason:
    if rule.contact_wanted:
        return TriageReason.CONTACT
    if FeedbackKind.COMPLAINT in rule.kinds:
        return TriageReason.COMPLAINT
    return TriageReason.LOW_SCORE if rule.categories & UNHAPPY else TriageReason.MATCH
