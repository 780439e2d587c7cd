"""The public door to the indices of careless answering: a table of answers in, a row for each respondent out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from luotain.listen import quality
from luotain.understand.given import BadInput, Floats, given
from luotain.understand.results import Result, result

#: items of a dimension where nothing else is told
_ITEMS: Final = 5
_DIMENSIONS: Final = 3


def careless(answers: Any, *, sizes: Sequence[int] | None = None, synonyms_above: float = 0.4) -> Result:
    """Return how carefully each respondent has answered many items on one scale.

    Nothing is deleted: the result flags, and every figure can be made with and without the flagged.

    Parameters
    ----------
    answers
        Respondents × items in the order asked: an array, or any table of which all columns are items. Empty for no
        answer.
    sizes
        How many items each dimension of the questionnaire has, in their order: for ``evenodd``. Without it, five each
        where the items divide so into three dimensions at least, else ``evenodd`` is empty.
    synonyms_above
        Items that correlate by more than this are taken to mean the same: for ``psychsyn``.

    Returns
    -------
    Result
        For each respondent ``row``, ``longstring`` and ``avgstring`` (the longest and average run of equal answers),
        ``irv`` (the standard deviation of the respondent's answers), ``mahad`` (squared Mahalanobis distance),
        ``evenodd`` (inconsistency of halves, −1 … 1), ``psychsyn`` (agreement of items that mean the same, −1 … 1), and
        ``doubts``, the signs that the product flags. ``None`` where an index cannot be told.

    Raises
    ------
    ValueError
        When this is no table of numbers, or the sizes do not fit the items.

    References
    ----------
    Curran (2016), *J. Exp. Soc. Psychol.* 66; Meade & Craig (2012), *Psychol. Methods* 17(3); equal to R *careless*
    1.2.2.

    Examples
    --------
    >>> import luotain
    >>> found = luotain.careless([[3, 3, 3, 3], [1, 5, 2, 4]])
    >>> found.longstring.tolist(), round(float(found.irv[1]), 2)
    ([4.0, 1.0], 1.83)
    """
    table = _table(answers)
    items = table.shape[1]
    if sizes is None and items % _ITEMS == 0 and items // _ITEMS >= _DIMENSIONS:
        sizes = [_ITEMS] * (items // _ITEMS)
    longest, average = quality.longstring(table)
    columns = {
        "row": list(range(1, len(table) + 1)),
        "longstring": longest,
        "avgstring": average,
        "irv": quality.response_variability(table),
        "mahad": quality.mahalanobis(table),
        "evenodd": np.full(len(table), np.nan) if sizes is None else quality.even_odd(table, sizes),
        "psychsyn": quality.synonyms(table, above=synonyms_above),
        "doubts": [tuple(doubt.value for doubt in doubts) for doubts in quality.careless(table)],
    }
    return result("careless", columns)


def _table(answers: Any) -> Floats:
    if isinstance(answers, np.ndarray) or (isinstance(answers, list) and answers and not isinstance(answers[0], dict)):
        table = np.asarray(answers, dtype=np.float64)
    else:
        found = given(answers)
        table = np.column_stack([found.numbers(name) for name in found.columns])
    if table.ndim != 2 or not table.size:
        raise BadInput("answers are a table of respondents × items")
    return table
