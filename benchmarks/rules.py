"""How fast it is decided whether a voice opens a case: our rules, and the same table in zen-engine (GoRules)."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.frame import Benchmark, Contestant, Outcome, Run, Section, Table, contest, figure, ratio, times
from luotain.respond.triage import DEFAULT_RULES, UNHAPPY, Decision, Rule, Told, Voice, triage
from luotain.terms import Category, FeedbackKind, Population

SAID = """The {rules} rules of a new installation decide on {voices:,} made-up voices, each with one to three answers:
whether a case is opened, by which rule, how urgent it is and how soon it must be touched and solved. Both had the
voices in memory, ours as objects and zen-engine as dictionaries, and both decided the same of every one. The peer runs
the same rules as a decision table of its own format (JDM, first match); its figures hold what its binding to Python
costs."""
#: one decision: opens, rule, priority, hours to touch, hours to solve
Told_ = tuple[bool, str, str, int, int]


def run(voices: int, turns: int) -> Section:
    """Let both decide on the same voices."""
    found = contest(
        [
            Contestant("ours", ours, (voices,)),
            Contestant("zen-engine, one by one", zen_one_by_one, (voices,)),
            Contestant("zen-engine, all at once", zen_at_once, (voices,)),
        ],
        turns=turns,
    )
    rows = tuple(_row(each, found[0], voices) for each in found)
    opened = sum(decision[0] for decision in found[0].answer)
    note = f"{opened:,} of the {voices:,} voices open a case."
    head = ("", "decisions/s", "as long as ours")
    return Section(SAID.format(rules=len(DEFAULT_RULES), voices=voices), (Table(head, rows),), notes=(note,))


def _row(outcome: Outcome, first: Outcome, voices: int) -> tuple[str, str, str]:
    return outcome.name, figure(voices / outcome.median), times(ratio(outcome, first))


def made_up(count: int) -> list[Voice]:
    """Return so many voices of every kind, the same each time."""
    drawn = random.Random(7)
    categories = [each.value for each in Category]
    return [
        Voice(
            drawn.choice([each.value for each in FeedbackKind]),
            drawn.choice([Population.CUSTOMER.value] * 9 + [Population.EMPLOYEE.value]),
            tuple(
                Told(measure, drawn.choice(categories))
                for measure in drawn.sample(["nps", "ces", "csat"], drawn.randint(1, 3))
            ),
            contact_wanted=drawn.random() < 0.1,
        )
        for _ in range(count)
    ]


def ours(count: int) -> Run:
    """Our own rules, one voice after another."""
    voices = made_up(count)
    return Run(
        lambda: [triage(voice, DEFAULT_RULES) for voice in voices], told=lambda all_: [_told(each) for each in all_]
    )


def _told(decision: Decision) -> Told_:
    return (
        decision.opens, decision.rule, decision.priority.value if decision.opens else "", decision.touch_hours,
        decision.solve_hours,
    )  # fmt: skip


def zen_one_by_one(count: int) -> Run:
    """The peer, one voice after another."""
    decision, given = _zen(count)
    return Run(lambda: [decision.evaluate(each) for each in given], told=_of_zen)


def zen_at_once(count: int) -> Run:
    """The peer, all voices given to it together."""
    decision, given = _zen(count)

    async def act() -> list[Any]:
        return list(await asyncio.gather(*(decision.async_evaluate(each) for each in given)))

    return Run(lambda: asyncio.run(act()), told=_of_zen)


def _zen(count: int) -> tuple[Any, list[dict[str, Any]]]:
    import zen

    given = [
        {
            "kind": voice.kind,
            "population": voice.population,
            "contact_wanted": voice.contact_wanted,
            "answers": [{"measure": told.measure, "category": told.category} for told in voice.answers],
        }
        for voice in made_up(count)
    ]
    return zen.ZenEngine().create_decision(json.dumps(table(DEFAULT_RULES))), given


def _of_zen(results: Sequence[Mapping[str, Any]]) -> list[Told_]:
    found = [each["result"] for each in results]
    return [(r["opens"], r["rule"], r["priority"], r["touch_hours"], r["solve_hours"]) for r in found]


#: column of the table -> what it looks at
_LOOKS_AT = {
    "employee": f"population == '{Population.EMPLOYEE.value}'",
    "contact_wanted": "contact_wanted",
    "kind": "kind",
    **{f"any_{each.value}": f"some(answers, #.category == '{each.value}')" for each in sorted(UNHAPPY)},
    "unhappy": f"some(answers, #.category in [{', '.join(repr(each.value) for each in sorted(UNHAPPY))}])",
}
_SAYS = ("opens", "rule", "priority", "touch_hours", "solve_hours")


def table(rules: Sequence[Rule]) -> dict[str, Any]:
    """Return the rules as a decision table in GoRules' format, of which the first row that matches decides."""
    rows = [
        _jdm_row({"employee": "true"}, ("false", "''", "''", "0", "0")),
        *(_jdm_row(_conditions(rule), _outcome(rule)) for rule in rules),
        _jdm_row({}, ("false", "''", "''", "0", "0")),
    ]
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": name, "name": name, "field": field} for name, field in _LOOKS_AT.items()],
        "outputs": [{"id": f"says_{name}", "name": name, "field": name} for name in _SAYS],
        "rules": [{"_id": str(at), **row} for at, row in enumerate(rows)],
    }
    nodes = (("in", "inputNode", None), ("table", "decisionTableNode", content), ("out", "outputNode", None))
    place = {"x": 0, "y": 0}
    return {
        "nodes": [
            {"id": name, "type": kind, "name": name, "position": place, **({"content": held} if held else {})}
            for name, kind, held in nodes
        ],
        "edges": [
            {"id": f"{one}-{other}", "sourceId": one, "targetId": other, "type": "edge"}
            for one, other in (("in", "table"), ("table", "out"))
        ],
    }


def _jdm_row(conditions: Mapping[str, str], outcome: Sequence[str]) -> dict[str, str]:
    said = {f"says_{name}": value for name, value in zip(_SAYS, outcome, strict=True)}
    return {**{name: conditions.get(name, "") for name in _LOOKS_AT}, **said}


def _conditions(rule: Rule) -> dict[str, str]:
    """Return what a rule states, of the conditions that the rules of a new installation use."""
    if rule.measure or rule.touchpoint is not None:
        raise ValueError(f"the rule {rule.code} states more than the table has columns for")
    found = {"contact_wanted": "true"} if rule.contact_wanted else {}
    if rule.kinds:
        found["kind"] = ", ".join(repr(str(kind)) for kind in sorted(rule.kinds))
    if rule.categories == UNHAPPY:
        found["unhappy"] = "true"
    elif rule.categories:
        (only,) = rule.categories
        found[f"any_{only}"] = "true"
    return found


def _outcome(rule: Rule) -> tuple[str, ...]:
    return "true", repr(rule.code), repr(rule.priority.value), str(rule.touch_hours), str(rule.solve_hours)


BENCHMARK = Benchmark(
    "rules",
    "Rules: does a voice open a case?",
    run,
    full={"voices": 10_000, "turns": 5},
    quick={"voices": 1_000, "turns": 1},
)
