"""The rights of a person: to get what is kept of them, and to be erased. One walk through all tables."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from luotain.language.said import Said
from luotain.people.erasure import NOW, PARTS, Part, Way
from luotain.server.models.people import Customer, Member
from luotain.server.operations.people.customers import rows_of
from luotain.server.operations.people.events import record

#: how many rows of one table are deleted in one statement
_CHUNK = 1000
_ERASED = Said("The customer's data was erased before the message was sent.")


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows of each table were deleted, emptied or taken back."""

    rows: Mapping[str, int] = field(default_factory=dict)


@transaction.atomic
def erase_customer(customer: Customer, *, now: datetime, by: Member | None = None) -> Erased:
    """Erase a person: identifiers, words, answers and messages go; rows that counts rest on stay, emptied.

    Values that were measured are taken back from every figure. Messages that wait are not sent. It can be called
    again: what has come in since is erased too.

    Parameters
    ----------
    customer
        Any row of the person; the rows merged with it go with it.
    by
        Who decided it.

    Returns
    -------
    Erased
        Counts by table, which are also written down as an event.
    """
    ids = rows_of(customer)
    counts: dict[str, int] = {}
    _stop_messages(ids, now)
    # Which rows are the person's is settled before the first of them changes.
    rows = {label: _rows(label, part, ids) for label, part in PARTS.items() if _has_rows(part)}
    for label, part in PARTS.items():
        if part.way == Way.TAKE_BACK:
            counts[label] = _take_back(label, rows["luotain.Feedback"])
        elif part.way == Way.DELETE:
            counts[label] = _each(label, rows[label], _delete)
        elif part.way == Way.SCRUB:
            values = _values(part, now)
            counts[label] = _each(label, rows[label], lambda found, values=values: found.update(**values))
    customer.refresh_from_db()
    record(kind="customer_erased", subject=customer, by=by, now=now, rows={k: v for k, v in counts.items() if v})
    return Erased(counts)


def _model(label: str) -> type[models.Model]:
    return apps.get_model(label)


def _has_rows(part: Part) -> bool:
    return bool(part.paths or part.of or part.held_by)


def _rows(label: str, part: Part, ids: list[int]) -> list[int]:
    """Return the keys of the person's rows in a table."""
    manager = _model(label)._default_manager
    condition = Q(pk__in=[])
    for path in part.paths:
        condition |= Q(**{f"{path}__in": ids})
    for key, table in part.of:
        condition |= Q(**{f"{key}__in": _rows(table, PARTS[table], ids)})
    found = set(manager.filter(condition).values_list("pk", flat=True))
    for holder, key in part.held_by:
        holding = _model(holder)._default_manager.filter(pk__in=_rows(holder, PARTS[holder], ids))
        found.update(holding.exclude(**{key: None}).values_list(key, flat=True))
    return sorted(found)


def _each(label: str, keys: list[int], change: Any) -> int:
    manager = _model(label)._default_manager
    return sum(change(manager.filter(pk__in=keys[start : start + _CHUNK])) for start in range(0, len(keys), _CHUNK))


def _delete(found: Any) -> int:
    """Delete the rows; return how many of that table went (not what fell with them)."""
    return int(found.delete()[1].get(found.model._meta.label, 0))


def _values(part: Part, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in part.scrub.items():
        is_first = value == NOW and name == "erased_at"
        values[name] = Coalesce(name, models.Value(now)) if is_first else now if value == NOW else value
    return values


def _stop_messages(ids: list[int], now: datetime) -> None:
    waiting = _model("luotain.Message")._default_manager.filter(
        pk__in=_rows("luotain.Message", PARTS["luotain.Message"], ids), sent_at=None, failed_at=None
    )
    waiting.update(failed_at=now, error=_ERASED)


def _take_back(label: str, feedback: list[int]) -> int:
    """Write, for every fact that still counts, a row that takes it back."""
    model: Any = _model(label)
    voices = _model("luotain.Feedback")._default_manager
    copied = [f.attname for f in model._meta.concrete_fields if f.attname not in ("id", "tx", "sign", "takes_back")]
    taken = 0
    for start in range(0, len(feedback), _CHUNK):
        ids = feedback[start : start + _CHUNK]
        # held, so that nobody else takes the same facts back meanwhile
        list(voices.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
        rows = list(model._default_manager.filter(feedback_id__in=ids))
        gone = {row.takes_back for row in rows}
        back = [
            model(sign=-1, takes_back=row.pk, **{name: getattr(row, name) for name in copied})
            for row in rows
            if row.sign > 0 and row.pk not in gone
        ]
        model._default_manager.bulk_create(back)
        taken += len(back)
    return taken


def export_customer(customer: Customer) -> dict[str, list[dict[str, Any]]]:
    """Return all that is kept of a person, in the clear, by table: ready to be written as JSON."""
    ids = rows_of(customer)
    export: dict[str, list[dict[str, Any]]] = {}
    for label, part in PARTS.items():
        if not _has_rows(part):
            continue
        found = _model(label)._default_manager.filter(pk__in=_rows(label, part, ids)).order_by("pk")
        if rows := [_plain(row, part.not_exported) for row in found]:
            export[label.partition(".")[2].lower()] = rows
    return export


def _plain(row: models.Model, left_out: Iterable[str]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if column.attname not in left_out and value not in (None, "", {}, []):
            plain[column.attname] = value if isinstance(value, bool | int | float | dict | list) else _text(value)
    return plain


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime) else str(value)


def purge_expired(*, now: datetime) -> int:
    """Delete the rows of every table whose time is up (``delete_after``); return how many went.

    At most a few thousand of each table at a time, so that nobody waits long behind it.
    """
    gone = 0
    for model in apps.get_models():
        if not any(column.name == "delete_after" for column in model._meta.concrete_fields):
            continue
        due = model._default_manager.filter(delete_after__lte=now).order_by("delete_after", "pk")
        keys = list(due.values_list("pk", flat=True)[: 5 * _CHUNK])
        gone += _each(model._meta.label, keys, _delete)
    return gone
