"""What was planted, so that every analysis can be held against what is really there."""

from __future__ import annotations

from typing import Any

import numpy as np

from luotain.server.demo import around, behaviour, company
from luotain.server.demo.behaviour import QUARTERS, World
from luotain.server.demo.company import ACTIONS, CAUSES, DAYS, FUNCTIONS, ITEMS

#: a newer form of the file is never mistaken for this one
FORM = 1


def planted(world: World) -> dict[str, Any]:
    """Return every truth that follows from the plan and the seed: name -> description, unit, values."""
    return {**_of_actions(world), **_of_measures(world), **_of_causes(world), **_of_customers(), **_of_company()}


def _of_actions(world: World) -> dict[str, Any]:
    return {
        "actions": _truth(
            "True effect of each action from its start, among all contacts of the touchpoint. The control shares drift "
            "and teams. new_booking_look looks good before and after only because both touchpoints rise steadily; "
            "self_service_lounge has no control and does harm.",
            "NPS points",
            {
                a.code: {
                    "touchpoint": a.touchpoint, "control": a.control, "expected": a.expected, "true": a.truth,
                    "starts_on": world.calendar.midnight(DAYS + a.starts_in).date().isoformat(),
                    "weeks_before": 26, "weeks_after": 26,
                }
                for a in ACTIONS
            },
        ),
    }  # fmt: skip


def _of_measures(world: World) -> dict[str, Any]:
    return {
        "drivers": _truth(
            "Weight of each item of the relationship survey on the recommendation: three of ten are true drivers.",
            "NPS points per step of agree_1_5", {code: weight for code, _, weight in ITEMS},
        ),
        "elements": _truth(
            "Weight of emotion (signed strength −5…5), ease (1–7) and speed (1–5) on the recommendation of the card; "
            "share is the part of the explained spread, where emotion is said to be two thirds.",
            "NPS points per step", {**company.ELEMENT_POINTS, "share": _element_shares()},
        ),
        "linkage": _truth(
            "What a step of engagement between teams of a function is worth to customers: strong in high-touch units "
            "only. Low-touch units have the happier people and the lower scores, so the pooled slope misleads.",
            "NPS points per step of engagement (1–5)",
            {
                "slopes": {f.code: {"touch": f.touch, "slope": f.slope, "engagement": f.engagement} for f in FUNCTIONS},
                "engagement": _engagement(world),
            },
        ),
        "response": _truth(
            "Who answers an invitation, in log-odds. Those who fared well answer oftener, so the answers flatter: the "
            "bias is the NPS of those who answered minus that of all who were invited (see realised).",
            "log-odds", dict(company.RESPONSE),
        ),
        "drifts": _truth(
            "Steady rise per year of each drift group, and the size of the slow AR(1) wander around it.",
            "NPS points",
            {name: {"per_year": rise, "wander": size} for name, (rise, size) in company.DRIFTS.items()},
        ),
        "season": _truth(
            "Mondays and Fridays cost 3 points, December to February 4.", "NPS points", {"mon_fri": -3, "winter": -4}
        ),
    }  # fmt: skip


def _of_causes(world: World) -> dict[str, Any]:
    return {
        "causes": _truth(
            "What each cause costs a contact, whether it is within our control, and the share of contacts it strikes "
            "(weather and technical delay: see the register of disruptions). first_voices tells the cause and the "
            "emotion of up to 500 stories.",
            "NPS points",
            {c.code: {"points": c.points, "within_control": c.within_control, "share": c.share} for c in CAUSES},
        ),
        "weather": _truth(
            "Days of bad weather, in the register of disruptions as outside our control.", "dates",
            [world.calendar.midnight(int(day)).date().isoformat() for day in world.weather_days],
        ),
        "emotion": _truth(
            "How fast a feeling fades: half of a negative one is left after a time three times as long. What is left "
            "moves the next contact.",
            "days; NPS points per remembered step",
            {"half_life": dict(company.EMOTION_HALF_LIFE_DAYS), "carry": company.MOOD_POINTS},
        ),
        "channels": _truth(
            "Share of service matters solved at the first contact, by the channel where they began, and the cost of "
            "each further channel.",
            "share; NPS points", {"solved_at_first": dict(company.SOLVED_AT_FIRST), "per_hop": company.POINTS_PER_HOP},
        ),
    }  # fmt: skip


def _of_customers() -> dict[str, Any]:
    return {
        "sellers": _truth(
            f"{company.GOOD_SELLER} is truly better; {company.LUCKY_SELLER} is merely lucky, with few sales; the rest "
            "do not differ.",
            "NPS points",
            {"good": company.GOOD_SELLER, "good_points": company.GOOD_SELLER_POINTS, "lucky": company.LUCKY_SELLER,
             "lucky_points": 0.0},
        ),
        "tiers": _truth(
            "Effect of each of the 66 customer tiers.", "NPS points", {t.code: t.points for t in company.tiers()}
        ),
        "benchmarks": _truth(
            "Which benchmarks may be held against our NPS, and why the others may not.", "",
            {b[0]: {"comparable": not b[-1], "why_not": b[-1]} for b in around.BENCHMARKS},
        ),
    }  # fmt: skip


def _of_company() -> dict[str, Any]:
    return {
        "lost_customers": _truth(
            "Reasons that customers who left state, and their real ones: price is stated over three times too often.",
            "share", {code: {"stated": stated, "real": real} for code, _, stated, real in company.REASONS},
        ),
        "perception": _truth(
            "Share that calls Kurki customer-centric, asked inside and outside.", "share",
            dict(company.SAYS_CUSTOMER_CENTRIC),
        ),
        "blind_spot": _truth(
            "Travelling with a pet: told of in stories, covered by no touchpoint and no question, rising for 90 days.",
            "", {"words": {"fi": ["lemmikki", "koira", "kissa"], "sv": ["husdjur", "hund", "katt"],
                           "en": ["pet", "dog", "cat"]}, "rising_since_days": 90},
        ),
        "recovery": _truth(
            "Of the gifts that came with a letter this share was redeemed; a tenth got the letter only. Later contacts "
            "of those who got a gift are better by so many points; a case that was answered raises the odds of "
            "answering later.",
            "share; NPS points", {**company.RECOVERY, "answered_case_log_odds": company.RESPONSE["answered_case"]},
        ),
        "business": _truth(
            "Revenue of a function per NPS point that its teams' engagement adds; in the shop visits stay and the "
            "share that buys falls over the two years.",
            "share per point; share",
            {"revenue_per_point": around.REVENUE_PER_POINT, "shop_conversion": around.CONVERSION},
        ),
        "unowned": _truth("Touchpoints that nobody owns.", "", list(company.UNOWNED)),
        "employee_words": _truth(
            "Words of happy and unhappy employees.", "",
            {"fi": {"happy": ["ylpeä", "arvostaa"], "unhappy": ["vihainen", "nolottaa"]},
             "sv": {"happy": ["stolt", "uppskattad"], "unhappy": ["arg", "skämmas"]},
             "en": {"happy": ["proud", "appreciated"], "unhappy": ["angry", "embarrassed"]}},
        ),
    }  # fmt: skip


def _truth(description: str, unit: str, values: Any) -> dict[str, Any]:
    return {"description": description, "unit": unit, "values": values}


def _engagement(world: World) -> dict[str, list[float]]:
    return {
        f"{plan.code}-{team + 1}": [
            round(float(v), 4) for v in world.engagement[number * company.TEAMS_PER_FUNCTION + team]
        ]
        for number, plan in enumerate(FUNCTIONS)
        for team in range(company.TEAMS_PER_FUNCTION)
    } | {"quarters": [float(q) for q in range(QUARTERS)]}


def _element_shares() -> dict[str, float]:
    """Return each element's part of the points: its weight times how strongly the points show in it."""
    return {
        name: round(company.ELEMENT_POINTS[name] * behaviour.ELEMENTS[name][1], 3) for name in company.ELEMENT_POINTS
    }


class Realised:
    """What came of the plan in this very history: gathered day by day, so that bias and effects can be told exactly."""

    def __init__(self) -> None:
        self._sums = np.zeros(4)

    def add(self, day: behaviour.Day) -> None:
        """Count a day's invitations and answers."""
        honest = day.invited.answered & ~day.invited.speeder
        self._sums += (
            len(day.invited), day.invited.nps_class.sum(), honest.sum(), day.invited.nps_class[honest].sum()
        )  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """Return response rate, NPS of all invited and of those who answered (without speeders), and the bias."""
        invited, score, answered, told = self._sums.tolist()
        of_all, of_answered = 100 * score / max(invited, 1), 100 * told / max(answered, 1)
        return {
            "invited": int(invited), "answered": int(answered), "response_rate": round(answered / max(invited, 1), 4),
            "nps_of_all_invited": round(of_all, 2), "nps_of_answers": round(of_answered, 2),
            "bias": round(of_answered - of_all, 2),
        }  # fmt: skip
