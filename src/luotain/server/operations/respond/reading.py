"""All that the page of a case shows, read at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import get_language, pgettext

from luotain.language import plain
from luotain.people.access import GRANTS, Permission
from luotain.respond.dialogue import Draft, drafts
from luotain.respond.recovery import NotATable, Suggestion, decide, read_table
from luotain.respond.remedy import rungs_to
from luotain.respond.stages import may_solve, ways
from luotain.server.models.base import in_language
from luotain.server.models.listen import Answer, Feedback, Letter
from luotain.server.models.people import Member, Organization, in_reach
from luotain.server.models.respond import Case, Gift, GiftCode, GoodwillEntry, Playbook, Step
from luotain.server.models.understand import Cause, Code
from luotain.server.operations.people import contact_of, rows_of
from luotain.server.operations.respond.giving import budget_of
from luotain.server.operations.respond.reply import language_of
from luotain.terms import CaseRefusal, CodeKind, Emotion, Priority, Remedy, Stage, StepKind, Vocabulary

#: how many of the unit's newest solved cases are looked through for similar ones
_LOOK_THROUGH = 400


@dataclass(frozen=True, slots=True)
class Advice:
    """What the playbook suggests: the remedy, its rule, and the facts that made it speak, in the reader's words."""

    remedy: Remedy
    ladder: tuple[Remedy, ...]
    rule: int
    playbook: str
    version: int
    why: tuple[tuple[str, str], ...]
    gift: str = ""


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything that the page of a case shows."""

    case: Case
    answers: Sequence[Answer]
    steps: Sequence[Step]
    #: names of the files that came with the customer's letters; they are in the mailbox
    files: Sequence[str]
    customer_name: str
    address: str
    language: str
    earlier: Sequence[Feedback]
    others: Sequence[Case]
    similar: Sequence[Case]
    causes: Sequence[Cause]
    coded_cause: Cause | None
    owners: Sequence[Member]
    drafts: Sequence[Draft]
    advice: Advice | None
    done: frozenset[str]
    moves: Sequence[Stage]
    may_solve: CaseRefusal | None
    replies: int
    goodwill: Sequence[GoodwillEntry]
    budget_left: Decimal | None
    currency: str
    gifts: Sequence[Gift]
    codes: Sequence[GiftCode]


def read_case(*, pk: int, reach: Sequence[str]) -> Case | None:
    """Return the case if it is within reach, else ``None``."""
    related = ("feedback", "customer", "touchpoint", "channel", "unit", "owner", "rule", "cause", "customer__tier")
    return Case.objects.select_related(*related).filter(in_reach(reach), pk=pk).first()


def read_case_page(*, case: Case, reach: Sequence[str], member: Member, now: datetime) -> CasePage:
    """Read everything that the page of a case shows to ``member``."""
    organization = Organization.objects.filter(pk=1).first()
    address = contact_of(case.customer) if case.customer else ""
    budget = budget_of(member=member, now=now)
    steps = list(case.steps.select_related("member", "message", "feedback"))
    language = language_of(case)
    stage = Stage(case.stage)
    return CasePage(
        case=case,
        answers=list(Answer.objects.filter(feedback=case.feedback).select_related("scale", "question").order_by("id")),
        steps=steps,
        files=_files(case, steps),
        customer_name=case.customer.name if case.customer else "",
        address=address,
        language=language,
        earlier=_earlier(case, reach),
        others=_other_cases(case, reach),
        similar=_similar(case, reach),
        causes=list(Cause.objects.order_by("-within_control", "code")),
        coded_cause=_coded_cause(case),
        owners=owners_of(case),
        drafts=drafts(
            language,
            formal=bool(organization and organization.formal),
            name=case.customer.name if case.customer else "",
            agent=member.name,
            organization=organization.name if organization else "",
        ),
        advice=advice_on(case, now=now),
        done=frozenset(step.text for step in steps if step.kind == StepKind.REMEDY),
        moves=() if case.merged_into_id else ways(stage, reachable=bool(address)),
        may_solve=may_solve(stage, solved=case.solved_at is not None, reachable=bool(address)),
        replies=sum(step.kind == StepKind.REPLY for step in steps),
        goodwill=list(GoodwillEntry.objects.filter(case=case).select_related("budget__member").order_by("id")),
        budget_left=budget.amount - budget.spent if budget else None,
        currency=budget.currency if budget else "EUR",
        gifts=list(Gift.objects.order_by("code")),
        codes=list(GiftCode.objects.filter(case=case).select_related("gift")),
    )


def _files(case: Case, steps: Sequence[Step]) -> list[str]:
    voices = [case.feedback_id, *(step.feedback_id for step in steps if step.feedback_id)]
    letters = Letter.objects.filter(feedback__in=voices).order_by("pk")
    return [file["name"] or file["kind"] for letter in letters for file in letter.attachments.get("files", ())]


def advice_on(case: Case, *, now: datetime) -> Advice | None:
    """Return what the playbook in force suggests for a case; ``None`` without a playbook or a rule that holds."""
    in_force = Playbook.objects.filter(in_force_from__lte=now).filter(Q(in_force_to=None) | Q(in_force_to__gt=now))
    playbook = in_force.order_by("-in_force_from", "-version").first()
    if playbook is None:
        return None
    try:
        suggestion = decide(read_table(playbook.table), _facts(case))
    except NotATable:  # the doctor names what is wrong with the table; the agent's page stays usable
        return None
    return _advice(playbook, suggestion) if suggestion else None


def hints_on(*, case: Case, text: str) -> tuple[plain.Hint, ...]:
    """Return the plain-language hints on a reply before it goes out."""
    first = not case.steps.filter(kind=StepKind.REPLY).exists()
    return plain.check(text, language_of(case), expect_apology=first)


def _facts(case: Case) -> Mapping[str, object]:
    within = {True: "yes", False: "no", None: "unknown"}[case.cause.within_control if case.cause else None]
    tier = case.customer.tier if case.customer else None
    return {
        "within_control": within,
        "cause": case.cause.code if case.cause else None,
        "priority": case.priority,
        "tier": tier.code if tier else None,
        "feeling": case.feeling_before or None,
        "touchpoint": case.touchpoint.code if case.touchpoint else None,
    }


def _advice(playbook: Playbook, suggestion: Suggestion) -> Advice:
    labels = {column["name"]: in_language(column.get("label")) for column in playbook.table["columns"]}
    return Advice(
        remedy=suggestion.remedy,
        ladder=rungs_to(suggestion.remedy),
        rule=suggestion.rule,
        playbook=in_language(playbook.name) or playbook.code,
        version=playbook.version,
        why=tuple((labels[name] or name, _fact_in_words(name, value)) for name, value in suggestion.why),
        gift=str(suggestion.then.get("gift", "")),
    )


def _fact_in_words(name: str, value: str) -> str:
    """Return a fact's code in the reader's language; the company's own codes stand as they are."""
    vocabularies: dict[str, type[Vocabulary]] = {"priority": Priority, "feeling": Emotion}
    vocabulary = vocabularies.get(name)
    if vocabulary and value in set(vocabulary):
        return vocabulary(value).label(get_language() or "en")
    words = {
        "yes": pgettext("fact", "yes"),
        "no": pgettext("fact", "no"),
        "unknown": pgettext("fact", "not known"),
        "None": pgettext("fact", "not known"),
    }
    return words.get(value, value)


def _earlier(case: Case, reach: Sequence[str]) -> list[Feedback]:
    if case.customer is None:
        return []
    told = Feedback.objects.filter(in_reach(reach), customer__in=rows_of(case.customer)).exclude(pk=case.feedback_id)
    return list(told.select_related("touchpoint", "channel").order_by("-occurred_at", "-id")[:6])


def _other_cases(case: Case, reach: Sequence[str]) -> list[Case]:
    if case.customer is None:
        return []
    cases = Case.objects.filter(in_reach(reach), customer__in=rows_of(case.customer), due_at__isnull=False)
    return list(cases.exclude(pk=case.pk).select_related("feedback", "touchpoint", "owner").order_by("due_at")[:6])


def _similar(case: Case, reach: Sequence[str]) -> list[Case]:
    """Return solved cases of the same unit and touchpoint, those of the same cause first."""
    solved_here = Case.objects.filter(in_reach(reach), unit=case.unit_id, solved_at__isnull=False)
    newest = list(solved_here.order_by("-opened_at").values_list("pk", flat=True)[:_LOOK_THROUGH])
    near = Case.objects.filter(pk__in=newest, touchpoint=case.touchpoint_id)
    solved = near.exclude(pk=case.pk).select_related("feedback", "cause", "owner")
    found = list(solved.order_by("-solved_at")[:40])
    found.sort(key=lambda other: (case.cause_id is None) or other.cause_id != case.cause_id)
    return found[:4]


def _coded_cause(case: Case) -> Cause | None:
    """Return the cause that the newest code of the text names, as a suggestion to a person."""
    code = Code.objects.filter(feedback=case.feedback_id, kind=CodeKind.CAUSE).order_by("-coded_at", "-id").first()
    return Cause.objects.filter(code=code.value).first() if code else None


def owners_of(case: Case) -> list[Member]:
    """Return the members who may own a case: those who work with cases in its unit or above it."""
    working = [role for role, granted in GRANTS.items() if Permission.WORK_CASES in granted]
    units = [int(part) for part in case.unit.path.split("/") if part] if case.unit else []
    within = Q(memberships__unit__in=units) | Q(memberships__unit__parent=None)
    members = Member.objects.filter(within, is_active=True, memberships__role__in=working)
    return list(members.distinct().order_by("name")[:200])
