"""Mail goes out at a pace that mail services bear, and the records of the domain are judged as RFCs say."""

from __future__ import annotations

import pytest

from luotain.people.sending import (
    ProofState,
    Waiting,
    domain_of,
    judge_dkim,
    judge_dmarc,
    judge_spf,
    within_pace,
)


def test_a_domain_gets_at_most_its_pace_and_others_do_not_wait_for_it() -> None:
    due = [Waiting(n, "big") for n in range(5)] + [Waiting(5, "small"), Waiting(6, "")]
    assert within_pace(due, sent={"big": 1}, most=3) == [0, 1, 5, 6]


def test_what_has_been_sent_within_the_minute_counts() -> None:
    assert within_pace([Waiting(1, "big")], sent={"big": 3}, most=3) == []


def test_without_a_pace_everything_goes() -> None:
    assert within_pace([Waiting(n, "big") for n in range(500)], sent={}, most=0) == list(range(500))


@pytest.mark.parametrize(
    ("address", "domain"),
    [("Aino@Example.FI", "example.fi"), ("Palaute <palaute@cx.example.fi>", "cx.example.fi"), ("+358401234567", "")],
)
def test_the_domain_of_an_address(address: str, domain: str) -> None:
    assert domain_of(address) == domain


@pytest.mark.parametrize(
    ("texts", "state"),
    [
        ([], ProofState.MISSING),
        (["google-site-verification=x"], ProofState.MISSING),
        (["v=spf1 include:_spf.example.com ~all"], ProofState.OK),
        (["v=spf1 mx -all", "other"], ProofState.OK),
        (["v=spf1 redirect=_spf.example.com"], ProofState.OK),
        (["v=spf1 mx +all"], ProofState.OPEN),
        (["v=spf1 mx ?all"], ProofState.OPEN),
        (["v=spf1 mx"], ProofState.OPEN),
        (["v=spf1 mx -all", "v=spf1 a -all"], ProofState.SEVERAL),
    ],
)
def test_spf_is_judged(texts: list[str], state: ProofState) -> None:
    assert judge_spf(texts) == state


@pytest.mark.parametrize(
    ("texts", "state"),
    [
        ([], ProofState.MISSING),
        (["v=DKIM1; k=rsa; p=MIGf MA0"], ProofState.OK),
        (["p=MIGfMA0"], ProofState.OK),
        (["v=DKIM1; p="], ProofState.REVOKED),
        (["hello"], ProofState.UNREADABLE),
    ],
)
def test_dkim_is_judged(texts: list[str], state: ProofState) -> None:
    assert judge_dkim(texts) == state


@pytest.mark.parametrize(
    ("texts", "state"),
    [
        ([], ProofState.MISSING),
        (["v=DMARC1; p=reject"], ProofState.OK),
        (["v=DMARC1; p=quarantine; rua=mailto:d@example.fi"], ProofState.OK),
        (["v=DMARC1; p=none"], ProofState.WATCHING),
        (["v=DMARC1; p=maybe"], ProofState.UNREADABLE),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], ProofState.SEVERAL),
    ],
)
def test_dmarc_is_judged(texts: list[str], state: ProofState) -> None:
    assert judge_dmarc(texts) == state
