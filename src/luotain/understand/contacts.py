"""Contacts of a plain file: one row for each, with who, about what, through which channel and when."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from luotain.understand.channels import Contact
from luotain.understand.given import BadInput, TooFewAnswers, given

NEEDED: Final = ("customer", "topic", "channel", "at")
_YES: Final = {"1", "true", "yes", "solved"}
_NO: Final = {"0", "false", "no", "unsolved"}


def contacts_in(table: Any) -> list[Contact]:
    """Return the contacts of a table or file.

    Parameters
    ----------
    table
        What :func:`luotain.understand.given.given` takes, with the columns ``customer``, ``topic``, ``channel`` and
        ``at`` (ISO 8601; without a zone, UTC). ``reference``, ``solved`` (true or false) and ``hours`` may stand beside
        them.

    Raises
    ------
    BadInput
        When a column is missing, or a cell cannot be read: the message names the row, the column and the remedy.
    TooFewAnswers
        When there are no rows.
    """
    whole = given(table)
    more = [name for name in ("reference", "solved", "hours") if name in whole.columns]
    taken = given(table, *NEEDED, *more)
    columns = {name: taken.values(name) for name in (*NEEDED, *more)}
    numbers: dict[str, int] = {}
    found = []
    for at in range(len(columns["customer"])):
        row = {name: column[at] for name, column in columns.items()}
        who = _text(row, "customer", at)
        found.append(
            Contact(
                numbers.setdefault(who, len(numbers)), _text(row, "topic", at), _text(row, "channel", at),
                _moment(row["at"], at), str(row.get("reference") or ""), _solved(row.get("solved"), at),
                _hours(row.get("hours"), at),
            )
        )  # fmt: skip
    if not found:
        raise TooFewAnswers("the table has no rows; give one row for each contact")
    return found


def _text(row: dict[str, Any], name: str, at: int) -> str:
    text = "" if row[name] is None else str(row[name]).strip()
    if not text:
        raise BadInput(f"row {at + 1}: {name} is empty; fill it in, or leave the row out")
    return text


def _moment(told: Any, at: int) -> datetime:
    try:
        if isinstance(told, datetime):
            moment = told
        elif isinstance(told, date):
            moment = datetime(told.year, told.month, told.day)
        else:
            moment = datetime.fromisoformat(str(told).strip())
    except ValueError as error:
        raise BadInput(f"row {at + 1}: at is {told!r}; write the moment as 2026-03-01T09:30") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _solved(told: Any, at: int) -> bool | None:
    text = "" if told is None else str(told).strip().lower().removesuffix(".0")
    if text and text not in _YES | _NO:
        raise BadInput(f"row {at + 1}: solved is {told!r}; write true or false, or leave it empty")
    return text in _YES if text else None


def _hours(told: Any, at: int) -> float | None:
    if told is None or told == "":
        return None
    try:
        hours = float(told)
    except (TypeError, ValueError) as error:
        raise BadInput(f"row {at + 1}: hours is {told!r}; write a number of hours, or leave it empty") from error
    if not 0 <= hours < float("inf"):
        raise BadInput(f"row {at + 1}: hours is {told!r}; it must be zero or more")
    return hours
