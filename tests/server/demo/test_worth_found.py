"""What was planted of sellers is found: the lucky one is not called better, however high it stands."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from luotain.server.demo import behaviour, company
from luotain.understand.league import League, league

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)


def sellers(size: int) -> League:
    """How sellers stand by what customers answered in a company of so many voices."""
    points, teams, kinds = [], [], []
    for day in behaviour.simulate(behaviour.world(NOW, size, 7)):
        asked = day.invited
        told = asked.answered & (asked.seller >= 0)
        points.append(asked.nps_class[told])
        teams.append(asked.seller[told])
        kinds.append(asked.touchpoint[told])
    names = [company.SELLERS[at] for at in np.concatenate(teams)]
    return league(np.concatenate(points).tolist(), names, np.concatenate(kinds).tolist())


def test_the_seller_who_is_merely_lucky_stands_first_and_is_not_called_better() -> None:
    found = sellers(50_000)
    lucky = next(team for team in found.teams if team.name == company.LUCKY_SELLER)
    assert lucky.plain == max(team.plain for team in found.teams)
    assert lucky.plain > found.mean + 20
    assert (lucky.told, lucky.lucky) == (0, True)
    assert lucky.shrunken < lucky.plain - 10
    assert found.told <= 1, "of so many equal ones one may look otherwise, by chance"


def test_with_more_answers_the_seller_who_is_truly_better_is_told_and_luck_is_not() -> None:
    found = sellers(400_000)
    assert found.teams[0].name == company.GOOD_SELLER
    assert found.teams[0].told == 1
    assert next(team for team in found.teams if team.name == company.LUCKY_SELLER).told == 0
    assert found.told <= 2
