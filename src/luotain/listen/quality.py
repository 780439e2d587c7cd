"""Signs that an answer was given without care, by a machine or by somebody with a stake in it.

Nothing here deletes: a sign flags an answer, and every measure can be read with and without the flagged ones.

The indices over many items are those of the R package *careless* 1.2.2, to which the tests hold them. Sources: Curran
(2016), *Methods for the detection of carelessly invalid responses in survey data*, J. Exp. Soc. Psychol. 66; Meade &
Craig (2012), *Identifying careless responses in survey data*, Psychol. Methods 17(3); Dunn et al. (2018), *Intra-
individual response variability as an indicator of insufficient effort responding*, J. Bus. Psychol. 33. They need
about ten items: for a card of three questions only times, copies and sources tell anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from luotain.listen import pace
from luotain.terms import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

#: fewer items than this tell nothing of care
FEWEST_ITEMS = 10
#: a shorter text than this, in words, is no copy: many people say "very good" by themselves
SHORTEST_COPY = 6
#: so much alike, as the share of common three-word pieces, are copies of one another
ALIKE = 0.8
#: so many answers from one network within the hour are no family any more
BURST, BURST_WITHIN = 10, timedelta(hours=1)


class Doubt(Vocabulary):
    """Why an answer is doubtful."""

    HONEYPOT = (
        "honeypot",
        "filled in a field that people do not see",
        "täytti kentän, jota ihminen ei näe",
        "fyllde i ett fält som människor inte ser",
    )
    SPEEDER = (
        pace.SPEEDER,
        "answered faster than anybody reads",
        "vastasi nopeammin kuin kukaan lukee",
        "svarade snabbare än någon läser",
    )
    STRAIGHT_LINE = (
        "straight_line",
        "gave the same answer all the way",
        "vastasi kaikkeen samalla tavalla",
        "svarade likadant på allt",
    )
    AT_RANDOM = (
        "at_random",
        "answers do not hang together",
        "vastaukset eivät sovi yhteen",
        "svaren hänger inte ihop",
    )
    DUPLICATE = (
        "duplicate",
        "the same answers again from the same place",
        "samat vastaukset uudelleen samasta paikasta",
        "samma svar igen från samma ställe",
    )
    COPIED_TEXT = (
        "copied_text",
        "the same words as in another answer",
        "samat sanat kuin toisessa vastauksessa",
        "samma ord som i ett annat svar",
    )
    BURST = (
        "burst",
        "many answers from one network in a short time",
        "monta vastausta samasta verkosta lyhyessä ajassa",
        "många svar från ett nätverk på kort tid",
    )
    STAFF_NETWORK = (
        "staff_network",
        "answered from the company's own network",
        "vastattu yrityksen omasta verkosta",
        "besvarat från företagets eget nätverk",
    )
    STAFF = (
        "staff",
        "answered by somebody who works here",
        "vastaaja on täällä töissä",
        "besvarat av någon som arbetar här",
    )


# --- indices over many items -------------------------------------------------------------------------------------


def longstring(answers: ArrayLike) -> tuple[Floats, Floats]:
    """Return the longest and the average run of equal answers of each respondent.

    Parameters
    ----------
    answers
        Respondents × items, in the order asked; ``nan`` for no answer, which ends a run.

    Returns
    -------
    longest, average
        One element a respondent, in items.
    """
    table = _table(answers)
    lengths = [_runs(row) for row in table]
    return np.array([run.max() for run in lengths], float), np.array([run.mean() for run in lengths], float)


def _runs(row: Floats) -> NDArray[np.int64]:
    changes = np.flatnonzero(~np.equal(row[1:], row[:-1]))
    return np.diff(np.concatenate(([-1], changes, [len(row) - 1])))


def response_variability(answers: ArrayLike) -> Floats:
    """Return the intra-individual response variability (IRV): the standard deviation of each respondent's answers.

    ``answers``: respondents × items, ``nan`` for no answer. ``nan`` where fewer than two answers were given.
    """
    table = _table(answers)
    given = np.isfinite(table)
    n = given.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(given, table, 0).sum(axis=1) / n
        squares = np.where(given, (table - mean[:, None]) ** 2, 0).sum(axis=1)
        return np.where(n > 1, np.sqrt(squares / (n - 1)), np.nan)


def mahalanobis(answers: ArrayLike) -> Floats:
    """Return the squared Mahalanobis distance of each respondent's answers from everybody's mean.

    ``answers``: respondents × items; a respondent with a missing answer gets ``nan`` and does not count. Items that
    say the same are dealt with by the pseudo-inverse. ``nan`` for all where there are no more respondents than items.
    """
    table = _table(answers)
    whole = np.isfinite(table).all(axis=1)
    distance = np.full(len(table), np.nan)
    if whole.sum() > table.shape[1]:
        centred = table[whole] - table[whole].mean(axis=0)
        inverse = np.linalg.pinv(np.atleast_2d(np.cov(centred, rowvar=False)), hermitian=True)
        distance[whole] = np.einsum("ij,jk,ik->i", centred, inverse, centred)
    return distance


def even_odd(answers: ArrayLike, sizes: Sequence[int]) -> Floats:
    """Return the even-odd inconsistency of each respondent: from −1 (consistent) to 1.

    The items of each dimension are split in two halves, the halves' means correlated over the dimensions, and the
    correlation corrected for the halved length (Spearman–Brown).

    Parameters
    ----------
    answers
        Respondents × items, those of one dimension beside each other.
    sizes
        How many items each dimension has; at least three dimensions of at least two items.

    Raises
    ------
    ValueError
        When the sizes do not fit the items.
    """
    table = _table(answers)
    if sum(sizes) != table.shape[1] or len(sizes) < 3 or min(sizes) < 2:
        raise ValueError(f"{list(sizes)} does not divide {table.shape[1]} items into three dimensions or more")
    parts = np.split(table, np.cumsum(sizes)[:-1], axis=1)
    odd = np.column_stack([part[:, 0::2].mean(axis=1) for part in parts])
    even = np.column_stack([part[:, 1::2].mean(axis=1) for part in parts])
    halves = _row_correlation(odd, even)
    with np.errstate(invalid="ignore", divide="ignore"):
        return -np.maximum(2 * halves / (1 + halves), -1)


def synonyms(answers: ArrayLike, *, above: float = 0.6) -> Floats:
    """Return how well each respondent's answers to items that mean the same agree (psychometric synonyms).

    Pairs of items that correlate by more than ``above`` over everybody are synonyms; a respondent's score is the
    correlation over the pairs. ``nan`` where there are fewer than two pairs or the answers do not vary.
    """
    table = _table(answers)
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = np.corrcoef(table, rowvar=False)
    first, second = np.nonzero(np.triu(alike > above, k=1))
    if len(first) < 2:
        return np.full(len(table), np.nan)
    return _row_correlation(table[:, first], table[:, second])


def _row_correlation(left: Floats, right: Floats) -> Floats:
    a = left - left.mean(axis=1, keepdims=True)
    b = right - right.mean(axis=1, keepdims=True)
    # A row without any spread has no correlation, whatever rounding has left of its spread.
    flat = (np.ptp(left, axis=1) == 0) | (np.ptp(right, axis=1) == 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        together = (a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.where(flat, np.nan, together)


def _table(answers: ArrayLike) -> Floats:
    table = np.asarray(answers, float)
    if table.ndim != 2 or table.shape[1] == 0:
        raise ValueError("answers are a table of respondents × items")
    return table


# --- signs -------------------------------------------------------------------------------------------------------


def careless(answers: ArrayLike) -> list[tuple[Doubt, ...]]:
    """Return what the answers to many items on one scale say of each respondent's care.

    ``answers``: respondents × items in the order asked. With fewer than ten items nobody is doubted. A run of equal
    answers over all items (or all but one) is a straight line; answers further from everybody's than one in a thousand
    careful ones would be, on the χ² distribution, were given at random.
    """
    # Loaded here: only questionnaires of ten items and more come so far, and SciPy is slow to load.
    from scipy.stats import chi2

    table = _table(answers)
    items = table.shape[1]
    if items < FEWEST_ITEMS:
        return [()] * len(table)
    straight = longstring(table)[0] >= items - 1
    with np.errstate(invalid="ignore"):
        random = mahalanobis(table) > chi2.isf(0.001, items)
    return [
        (Doubt.STRAIGHT_LINE,) if line else (Doubt.AT_RANDOM,) if far else ()
        for line, far in zip(straight, random, strict=True)
    ]


_WORD = re.compile(r"\w+")


def pieces(text: str) -> frozenset[tuple[str, ...]]:
    """Return the three-word pieces of a text, letters only, by which copies are known; none of a short text."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    if len(words) < SHORTEST_COPY:
        return frozenset()
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def copies(texts: Mapping[Hashable, str]) -> set[Hashable]:
    """Return the names of the texts that repeat one told before them, in the order of the mapping.

    Two texts are copies when at least four fifths of their three-word pieces are common (Broder 1997, *On the
    resemblance and containment of documents*). Only texts that share a piece are compared.
    """
    by_piece: defaultdict[tuple[str, ...], list[Hashable]] = defaultdict(list)
    known: dict[Hashable, frozenset[tuple[str, ...]]] = {}
    found: set[Hashable] = set()
    for name, text in texts.items():
        own = pieces(text)
        if not own:
            continue
        if _original(own, known, by_piece) is not None:
            found.add(name)
            continue
        known[name] = own
        for piece in own:
            by_piece[piece].append(name)
    return found


def _original(
    own: frozenset[tuple[str, ...]],
    known: Mapping[Hashable, frozenset[tuple[str, ...]]],
    by_piece: Mapping[tuple[str, ...], Sequence[Hashable]],
) -> Hashable | None:
    shared: defaultdict[Hashable, int] = defaultdict(int)
    for piece in own:
        for other in by_piece.get(piece, ()):
            shared[other] += 1
    for other, common in shared.items():
        if common >= ALIKE * (len(own) + len(known[other]) - common):
            return other
    return None


@dataclass(frozen=True, slots=True)
class Filling:
    """One filled form, as far as its source tells: who is behind it is not known, only whether it is the same place."""

    name: Hashable
    #: a keyed digest of the network it came from; empty where none is kept
    network: str
    at: datetime
    #: what was answered, as a digest
    told: str


def bursts(fillings: Sequence[Filling]) -> set[Hashable]:
    """Return the names of fillings of which ten or more came from one network within an hour."""
    found: set[Hashable] = set()
    for group in _by_network(fillings).values():
        first = 0
        for last, filling in enumerate(group):
            while filling.at - group[first].at > BURST_WITHIN:
                first += 1
            if last - first + 1 >= BURST:
                found.update(one.name for one in group[first : last + 1])
    return found


def repeated(fillings: Sequence[Filling], *, within: timedelta = timedelta(days=1)) -> set[Hashable]:
    """Return the names of fillings that say again, from the same network, what was said within ``within``."""
    found: set[Hashable] = set()
    for group in _by_network(fillings).values():
        last: dict[str, datetime] = {}
        for filling in group:
            if filling.told in last and filling.at - last[filling.told] <= within:
                found.add(filling.name)
            last[filling.told] = filling.at
    return found


def _by_network(fillings: Sequence[Filling]) -> dict[str, list[Filling]]:
    groups: defaultdict[str, list[Filling]] = defaultdict(list)
    for filling in sorted(fillings, key=lambda one: one.at):
        if filling.network:
            groups[filling.network].append(filling)
    return groups
