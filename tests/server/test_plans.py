"""How the database finds what a page or an operation asks for: along an index, never through a whole large table.

The statements are those that the operations send; what is read is the database's own plan for each. On PostgreSQL the
tables are filled first, because its planner goes by what is there; SQLite's goes by the indexes alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from luotain.listen.submission import Submission
from luotain.server.models.improve import Action
from luotain.server.models.listen import (
    Answer,
    ApiRequest,
    Channel,
    Fact,
    Feedback,
    Import,
    Instrument,
    Interaction,
    Invitation,
    Payload,
    Programme,
    Rejection,
    Touchpoint,
    Transaction,
)
from luotain.server.models.people import (
    AccessToken,
    Attribute,
    AttributeKind,
    Consent,
    ContactHold,
    Customer,
    Event,
    EventSeal,
    Identifier,
    Message,
    Unit,
)
from luotain.server.models.respond import Case, Step
from luotain.server.models.understand import Code
from luotain.server.operations import listen, people, respond
from luotain.server.operations.improve.actions import broken_seals
from luotain.server.operations.listen.fill import take_half_told
from luotain.server.operations.listen.questionnaires import overview
from luotain.server.operations.listen.stream import Filter, read_newer, read_stream
from luotain.server.operations.people import doctor
from luotain.server.operations.respond.inbox import Filters, next_case, read_inbox
from luotain.server.operations.respond.reading import read_case, read_case_page
from luotain.server.operations.today import today
from luotain.terms import Role

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
#: keys of what is filled in begin after this
FIRST = 1_000_000
POSTGRESQL = connection.vendor == "postgresql"
#: rows of a large table
MANY = 10_000 if POSTGRESQL else 200
#: rows of those to which others point
FEW = 40

_LARGE = (
    Feedback, Answer, Fact, Case, Step, Interaction, Transaction, Invitation, Message, Event, Customer, Identifier,
    Attribute, Consent, ContactHold, Code, Payload, Rejection, ApiRequest,
)  # fmt: skip
LARGE = {model._meta.db_table for model in _LARGE}


# --- a large house -------------------------------------------------------------------------------------------------


def fill(model: type[models.Model], count: int, **told: str) -> None:
    """Write rows by one statement: ``told`` gives a column's SQL over ``n`` = 0, 1, …; the rest is empty."""
    columns = {"id": f"{FIRST} + n"}
    for column in model._meta.concrete_fields:
        if column.primary_key or (column.db_default is not models.NOT_PROVIDED and column.attname not in told):
            continue
        columns[str(column.column)] = told.get(column.attname) or _empty(column)
    rows = f"generate_series(0, {count - 1}) AS n"
    if not POSTGRESQL:
        rows = (
            f"(WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < {count - 1}) SELECT n FROM s)"
        )
    names = ", ".join(connection.ops.quote_name(name) for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(columns.values())} FROM {rows}")
        if POSTGRESQL:
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def _empty(column: models.Field[Any, Any]) -> str:
    if column.null:
        return "NULL"
    if isinstance(column, models.JSONField):
        return "'{}'"
    if isinstance(column, models.DateTimeField):
        return at("0")
    if isinstance(column, models.BooleanField):
        return "FALSE"
    return "''" if isinstance(column, models.CharField | models.TextField) else "0"


def at(minutes: str) -> str:
    """SQL of a moment so many minutes before now."""
    if POSTGRESQL:
        return f"TIMESTAMPTZ '{NOW.isoformat()}' - ({minutes}) * INTERVAL '1 minute'"
    return f"strftime('%Y-%m-%d %H:%M:%f', '{NOW:%Y-%m-%d %H:%M:%S}', printf('%+d minutes', -({minutes})))"


def one_of(count: int, spread: int = 1) -> str:
    """SQL of the key of one of so many rows."""
    return f"{FIRST} + (n / {spread}) % {count}"


@pytest.fixture
def house(top: Unit) -> Unit:
    """A house with many of everything: three feedbacks in four have words, one customer told about three of them."""
    listen.default_scales()
    respond.default_rules()
    few = {"touchpoint_id": one_of(FEW), "channel_id": one_of(FEW, 3), "unit_id": one_of(FEW, 7)}
    own = "'c' || n"
    fill(Unit, FEW, code=own, path=f"'{top.path}' || ({FIRST} + n) || '/'", parent_id=str(top.pk), kind="'store'")
    fill(Touchpoint, FEW, code=own)
    fill(Channel, FEW, code=own)
    fill(Import, MANY // 20, kind="'feedback'", state="'done'")
    fill(EventSeal, 1)
    fill(Customer, MANY // 3, merged_into_id=f"CASE WHEN n % 50 = 7 THEN {FIRST} + n - 1 END")
    whose = {"customer_id": one_of(MANY // 3)}
    of_import = {"imported_id": one_of(MANY // 20, 20), "source_id": own}
    fill(Interaction, MANY, **whose, **few, **of_import, occurred_at=at("n * 6"))
    fill(Transaction, MANY, **whose, **of_import, occurred_at=at("n * 6"))
    fill(Payload, MANY, delete_after=at(f"n - {MANY - 9}"))
    fill(Instrument, 1, published_at=at("0"))
    fill(Programme, 1, instrument_id=str(FIRST))
    fill(Invitation, MANY, programme_id=str(FIRST), token_hash=own, interaction_id=f"{FIRST} + n", **whose)
    told = "CASE WHEN n % 4 = 0 THEN '' ELSE 'words' END"
    fill(
        Feedback, MANY, kind="'response'", verbatim=told, language="CASE WHEN n % 90 = 0 THEN 'sv' ELSE 'fi' END",
        interaction_id=f"{FIRST} + n", invitation_id=f"{FIRST} + n", payload_id=f"{FIRST} + n",
        occurred_at=at("n * 6"), completed_at=at("n * 6"),
        triaged_at=f"CASE WHEN n > 9 THEN {at('n * 6')} END", **whose, **few, **of_import,
    )  # fmt: skip
    of_feedback = {"feedback_id": f"{FIRST} + n"}
    fill(
        Answer, MANY, code="'nps'", answered_at=at("n * 6"), **of_feedback,
        category="CASE WHEN n % 3 = 0 THEN '' WHEN n % 90 = 1 THEN 'poor' ELSE 'good' END",
    )  # fmt: skip
    fill(Code, MANY, text_hash=own, **of_feedback)
    fill(
        Fact, MANY, sign="1", measure="'m' || n % 9", scale="'s' || n % 9", day="n / 100", month="n / 3000",
        **of_feedback, **few,
    )  # fmt: skip
    runs = f"n < {MANY // 100}"
    fill(
        Case, MANY // 2, **of_feedback, **few, **whose, opened_at=at("n * 6"), stage="'received'",
        touch_due_at=at("n * 6"), due_at=f"CASE WHEN {runs} THEN {at('n * 6')} END",
        solved_at=f"CASE WHEN NOT {runs} THEN {at('n * 6')} END",
    )  # fmt: skip
    fill(Message, MANY, message_id=_uuid(), key=own, sent_at=at("n * 6"), due_at=at("n * 6"), **whose)
    fill(Step, MANY, case_id=one_of(MANY // 2), message_id=f"{FIRST} + n")
    fill(Event, MANY, subject="'case'", subject_id="n", seal_id=f"CASE WHEN n > 9 THEN {FIRST} END")
    fill(AttributeKind, FEW, code=own)
    for model, more in (
        (Identifier, {"kind": "'email'", "index": own}),
        (Attribute, {"kind_id": str(FIRST)}),
        (Consent, {"purpose": "'survey'"}),
        (ContactHold, {"raised_by": own}),
    ):
        fill(model, MANY // 3, **whose, **more)
    fill(Rejection, MANY, imported_id=one_of(MANY // 20), delete_after=at(f"n - {MANY - 9}"), reason="'{}'")
    fill(AccessToken, 1, unit_id=str(top.pk))
    fill(ApiRequest, MANY, token_id=str(FIRST), key=own, delete_after=at(f"n - {MANY - 9}"))
    return top


def _uuid() -> str:
    return "gen_random_uuid()" if POSTGRESQL else "printf('%032d', n)"


# --- what is asked, and by which index it is found ------------------------------------------------------------------


@dataclass(frozen=True)
class Hot:
    """Something that is done often, or among very many rows, and the indexes that it is found by."""

    name: str
    act: Callable[[], object]
    indexes: Sequence[str] = ()
    #: nothing need be sorted: the index is in the order of the page
    in_order: bool = False


def hot(top: Unit) -> list[Hot]:
    """Return what is looked at."""
    return [*_stream(top), *_pages(top), *_people(), *_work()]


def _stream(top: Unit) -> list[Hot]:
    all_, stores = (top.path,), [f"{top.path}{FIRST + n}/" for n in range(2)]

    def read(name: str, index: str | Sequence[str], reach: Sequence[str] = all_, before: str = "", **only: str) -> Hot:
        indexes = (index,) if isinstance(index, str) else index
        return Hot(
            f"stream: {name}", lambda: read_stream(reach=reach, only=Filter(**only), before=before), indexes, True
        )

    deep = f"{(NOW - timedelta(minutes=MANY * 3)).isoformat()}_{FIRST}"
    return [
        read("everything", "feedback_heard"),
        read("a page far back", "feedback_heard", before=deep),
        read("a touchpoint", "heard_by_touchpoint", touchpoint="c3"),
        read("a channel", "heard_by_channel", channel="c3"),
        read("a channel far back", "heard_by_channel", before=deep, channel="c3"),
        read("a language", "heard_by_language", language="sv"),
        read("a language that nobody speaks", "heard_by_language", language="de"),
        read("a class of answers", "answer_by_category", category="poor"),
        read("a class of answers that is not there", "answer_by_category", category="promoter"),
        read("a unit", "heard_by_unit", reach=stores[:1]),
        read("several units", ("feedback_heard", "heard_by_unit"), reach=stores),
        read("two limits", ("heard_by_channel", "heard_by_language"), channel="c3", language="sv"),
        Hot("stream: newer", lambda: read_newer(reach=all_, only=Filter(), after=FIRST)),
    ]


def _pages(top: Unit) -> list[Hot]:
    store = f"{top.path}{FIRST + 1}/"
    members = {
        role: people.add_member(
            username=role, name=role, password=None, role=role, unit=unit, language="en", now=NOW
        )
        for role, unit in (
            (Role.LEADER, top), (Role.UNIT_MANAGER, Unit.objects.get(path=store)), (Role.ADMINISTRATOR, top),
            (Role.CX_LEAD, top),
        )
    }  # fmt: skip

    def day(role: Role, *indexes: str) -> Hot:
        return Hot(f"today of a {role}", lambda: today(member=members[role], now=NOW), indexes)

    def inbox(path: str) -> object:
        return read_inbox(reach=(path,), member=members[Role.CX_LEAD].pk, filters=Filters(), after="", now=NOW)

    def case_page() -> object:
        case = read_case(pk=FIRST + 8, reach=(top.path,))
        assert case is not None
        return read_case_page(case=case, reach=(top.path,), member=members[Role.CX_LEAD], now=NOW)

    return [
        day(Role.LEADER, "feedback_completed", "feedback_heard"),
        day(Role.UNIT_MANAGER, "feedback_by_unit", "heard_by_unit", "case_open"),
        day(Role.ADMINISTRATOR, "message_failed", "message_waiting"),
        day(Role.CX_LEAD, "case_open"),
        Hot("inbox", lambda: inbox(top.path), ("case_open",)),
        Hot("inbox of a store", lambda: inbox(store), ("case_open",)),
        Hot("questionnaires", lambda: overview(now=NOW), ("feedback_by_instrument",)),
        Hot("the next case", lambda: next_case(reach=(top.path,), member=members[Role.CX_LEAD].pk, case=None)),
        Hot("page of a case", case_page, ("feedback_by_customer", "case_by_customer", "case_solved_by_unit")),
    ]


def _people() -> list[Hot]:
    def somebody() -> Customer:
        return Customer.objects.get(pk=FIRST + 6)

    walked = (
        "feedback_by_customer", "feedback_by_interaction", "feedback_of_invitation", "interaction_by_customer",
        "transaction_by_customer", "customer_merged_into", "case_by_customer", "code_once", "answer_once",
        "consent_newest", "attribute_once", "contact_hold_once",
    )  # fmt: skip
    erased = [name for name in walked if name not in ("transaction_by_customer", "consent_newest")]
    return [
        Hot("what is kept of a person", lambda: people.export_customer(somebody()), walked),
        Hot(
            "erasing a person",
            lambda: people.erase_customer(somebody(), now=NOW),
            (*erased, "fact_feedback", "feedback_by_payload"),
        ),
        Hot("an address", lambda: people.contact_of(somebody())),
        Hot(
            "recognising customers",
            lambda: people.identify(identifiers={"email": "a@example.com"}, source="test", now=NOW),
            ("identifier_belongs_to_one",),
        ),
    ]


def _work() -> list[Hot]:
    voices = [Submission(kind="response", source="", source_id=f"c{n}", occurred_at=NOW) for n in range(9)]
    return [
        Hot("voices that are known", lambda: listen.receive(voices, now=NOW), ("feedback_once",)),
        Hot("forms left half-told", lambda: take_half_told(now=NOW), ("feedback_half_told",)),
        Hot("triage", lambda: respond.triage_waiting(now=NOW, limit=5), ("feedback_to_triage",)),
        Hot(
            "undoing an import",
            lambda: listen.undo_import(imported=Import.objects.get(pk=FIRST + MANY // 20 - 1), now=NOW),
            ("feedback_imported", "interaction_imported", "transaction_imported", "feedback_by_interaction"),
        ),
        Hot(
            "purging what has expired",
            lambda: people.purge_expired(now=NOW),
            ("payload_delete_after", "apirequest_delete_after", "rejection_delete_after", "feedback_by_payload"),
        ),
        Hot("giving back messages", lambda: people.release_claims(worker="w"), ("message_waiting",)),
        Hot("sealing events", lambda: people.seal_events(now=NOW), ("event_unsealed|event_seal_id",)),
        Hot("registrations", lambda: broken_seals([Action(pk=1, registered_at=NOW)]), ("event_subject",)),
        Hot("the doctor", lambda: doctor.examine(now=NOW), ("message_waiting", "message_failed")),
    ]


# --- reading plans -------------------------------------------------------------------------------------------------


class Overhead:
    """Listens to the statements that go to the database."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "UPDATE", "DELETE")) and not many:
            self.heard.append((sql, params))
        return execute(sql, params, many, context)


def plans(act: Callable[[], object]) -> dict[str, list[str]]:
    """Do something, undo it, and return the lines of the plan of each statement that it sent."""
    overhead = Overhead()
    with undone(), connection.execute_wrapper(overhead):
        act()
    explain = "EXPLAIN (COSTS OFF) " if POSTGRESQL else "EXPLAIN QUERY PLAN "
    found = {}
    with connection.cursor() as cursor:
        for sql, params in overhead.heard:
            cursor.execute(explain + sql, params)
            found[sql] = [str(row[-1]) for row in cursor.fetchall()]
    return found


@contextmanager
def undone() -> Iterator[None]:
    """Take back all that is done to the database meanwhile."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def missing(asked: Hot) -> list[str]:
    """Return what is wrong with the plans: an index that is not used, a large table that is read through, a sorting."""
    found = plans(asked.act)
    lines = [line for plan in found.values() for line in plan]
    wrong = [
        f"{asked.name}: {name} is not used, but {used(lines)}"
        for name in asked.indexes
        if not any(re.search(rf"{_as_planned(name)}", line) for line in lines)
    ]
    for sql, plan in found.items():
        if " WHERE " not in sql and sql.endswith(" LIMIT 1"):
            continue  # the first or the last row of a table is at hand
        wrong += [f"{asked.name}: {line.strip()} for {sql}" for line in plan if reads_through(line, asked.indexes)]
        # PostgreSQL sorts where there are few: rightly so
        if asked.in_order and not POSTGRESQL and any(f'FROM "{table}"' in sql and " LIMIT " in sql for table in LARGE):
            wrong += [f"{asked.name}: sorts for {sql}" for line in plan if "TEMP B-TREE" in line]
    return wrong


def used(lines: Sequence[str]) -> str:
    """Return the indexes that stand in the lines of a plan."""
    return ", ".join(sorted(set(re.findall(r"(?:using|Index Scan on|INDEX) (\w+)", "\n".join(lines)))))


def _as_planned(index: str) -> str:
    """Return what a plan calls an index: SQLite gives names of its own to those of unique constraints."""
    if POSTGRESQL:
        return index
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if (
                constraint.name == index
                and isinstance(constraint, models.UniqueConstraint)
                and not constraint.condition
            ):
                return f"sqlite_autoindex_{model._meta.db_table}_"
    return index


def reads_through(line: str, indexes: Sequence[str]) -> bool:
    """Tell whether a line of a plan walks through a large table, other than along an index that is meant for it."""
    if POSTGRESQL:
        told = re.search(r"Seq Scan on (\w+)", line)
    else:
        told = re.search(r"^SCAN (\w+)(?!.* USING (?:COVERING )?INDEX (?:" + "|".join(indexes or ["-"]) + r")\b)", line)
    return told is not None and told.group(1) in LARGE


def test_what_is_asked_often_is_found_along_its_index(house: Unit) -> None:
    wrong = [problem for asked in hot(house) for problem in missing(asked)]
    assert not wrong, "\n".join(wrong)
    # And an index that is gone is missed: none of them is named for nothing.
    indexes, unnoticed = own_indexes(), []
    for asked in hot(house):
        for name in asked.indexes:
            dropped = [index for index in indexes if re.search(name, index)]
            with undone(), connection.cursor() as cursor:
                for index in dropped:
                    cursor.execute(f"DROP INDEX {index}")
                if dropped and not missing(asked):
                    unnoticed.append(f"{asked.name}: {name}")
    assert not unnoticed, "\n".join(unnoticed)


def own_indexes() -> list[str]:
    """Return the indexes that are no part of a constraint."""
    with connection.cursor() as cursor:
        if POSTGRESQL:
            of_constraints = "SELECT conindid FROM pg_constraint"
            cursor.execute(
                f"SELECT indexrelid::regclass::text FROM pg_index WHERE indexrelid NOT IN ({of_constraints})"
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql <> ''")
        return [row[0] for row in cursor.fetchall()]


# --- what the planner knows of columns that hang together ------------------------------------------------------------


@pytest.mark.skipif(not POSTGRESQL, reason="SQLite knows of each column alone")
@pytest.mark.parametrize(
    ("statistics", "sql"),
    [
        ("fact_kinds", "SELECT 1 FROM luotain_fact WHERE measure = 'm3' AND scale = 's3'"),
        ("fact_kinds", "SELECT measure, scale FROM luotain_fact GROUP BY 1, 2"),
        ("fact_times", "SELECT day, month FROM luotain_fact GROUP BY 1, 2"),
        ("fact_places", "SELECT touchpoint_id, channel_id, unit_id FROM luotain_fact GROUP BY 1, 2, 3"),
        ("feedback_place", "SELECT touchpoint_id, channel_id, unit_id FROM luotain_feedback GROUP BY 1, 2, 3"),
        ("answer_kinds", "SELECT 1 FROM luotain_answer WHERE code = 'q3' AND measure = 'm3'"),
    ],
)
def test_the_planner_knows_of_columns_that_hang_together(top: Unit, statistics: str, sql: str) -> None:
    place = dict.fromkeys(("touchpoint_id", "channel_id", "unit_id"), "n % 40")
    fill(Fact, 9_000, sign="1", measure="'m' || n % 9", scale="'s' || n % 9", day="n / 90", month="n / 2700", **place)
    fill(Feedback, 9_000, source_id="n", **place)
    fill(Answer, 9_000, feedback_id="n", code="'q' || n % 9", measure="'m' || n % 9")
    with undone(), connection.cursor() as cursor:
        cursor.execute(sql)
        there = len(cursor.fetchall())
        assert there / 1.5 < rows_expected(sql) < there * 1.5
        cursor.execute(f"DROP STATISTICS {statistics}")
        assert not there / 3 < rows_expected(sql) < there * 3


def rows_expected(sql: str) -> int:
    """Return how many rows the planner expects."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        told = cursor.fetchone()[0]
    return int((json.loads(told) if isinstance(told, str) else told)[0]["Plan"]["Plan Rows"])
