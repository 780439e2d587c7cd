"""What every room's tables share: word fields, encrypted fields, and the commit-order column."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.backends.ddl_references import Columns, Statement, Table
from django.db.models.expressions import Func
from django.utils.translation import get_language

from luotain.language.said import as_said, restored
from luotain.server import crypto
from luotain.terms import Vocabulary


class WordField(models.CharField):  # type: ignore[type-arg]
    """A code from a vocabulary of :mod:`luotain.terms`.

    The database keeps the code and checks it; the words live in ``terms.py``, so a better translation never
    needs a migration.
    """

    def __init__(self, vocabulary: type[Vocabulary] | None = None, **options: Any) -> None:
        self.vocabulary = vocabulary
        if vocabulary is not None:
            options.setdefault("choices", [(word.value, word.en) for word in vocabulary])
        options.setdefault("max_length", 24)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        options.pop("choices", None)
        return name, "django.db.models.CharField", args, options


class EncryptedField(models.TextField):  # type: ignore[type-arg]
    """Text that the database holds encrypted (AES-256-GCM) and Python sees in the clear.

    It cannot be searched: keep a blind index (:func:`luotain.server.crypto.blind_index`) beside it for look-up.
    """

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value in (None, "") else crypto.encrypt(value)

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return value if value in (None, "") else crypto.decrypt(value)


class EncryptedBytesField(models.BinaryField):  # type: ignore[type-arg]
    """Bytes that the database holds encrypted (AES-256-GCM) and Python sees in the clear."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        sealed = crypto.encrypt_bytes(bytes(value)) if value else value
        return super().get_db_prep_value(sealed, connection, prepared)

    def from_db_value(self, value: Any, *_: Any) -> bytes | None:
        return crypto.decrypt_bytes(bytes(value)) if value else value


class EncryptedObjectField(models.JSONField):
    """A JSON object that the database holds encrypted, as one JSON string; the empty object stays as it is."""

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.JSONField", args, options

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        sealed = crypto.encrypt(json.dumps(value)) if value and isinstance(value, dict) else value
        return super().get_db_prep_value(sealed, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        stored = super().from_db_value(value, expression, connection)
        return json.loads(crypto.decrypt(stored)) if isinstance(stored, str) else stored


class SaidField(models.TextField):  # type: ignore[type-arg]
    """A text for people: kept as template and values, so that it can be read in any language later; "" for none."""

    def get_prep_value(self, value: Any) -> Any:
        return value if value in (None, "") else json.dumps(as_said(value).stored())

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return value if value in (None, "") else restored(json.loads(value))


class CurrentTransaction(Func):
    """The id of the running transaction: its own on PostgreSQL, always 0 on SQLite with its single writer."""

    arity = 0

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return "pg_current_xact_id()", []

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return "0", []


class CommitOrderField(models.Field):  # type: ignore[type-arg]
    """In which transaction a fact was written.

    Readers on PostgreSQL go up to ``pg_snapshot_xmin(pg_current_snapshot())``: a plain ``id > last`` lost 9 %
    of the rows under eight writers (docs/explanation/numbers.md). On SQLite the AUTOINCREMENT id is enough.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("db_default", CurrentTransaction())
        options.setdefault("editable", False)
        super().__init__(**options)

    def db_type(self, connection: Any) -> str:
        return "xid8" if connection.vendor == "postgresql" else "bigint"


class Statistics(models.BaseConstraint):
    """Statistics over columns that hang together (PostgreSQL's ``CREATE STATISTICS``); elsewhere it is nothing.

    The planner takes columns for independent unless told otherwise, and then misjudges how many rows and groups there
    are: a measure has one scale, a day lies in one month. It is a "constraint" only so that migrations carry it.
    """

    def __init__(
        self, *, name: str, fields: Sequence[str], kinds: Sequence[str] = ("ndistinct", "dependencies")
    ) -> None:
        super().__init__(name=name)
        self.fields, self.kinds = tuple(fields), tuple(kinds)

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """Return the statement that makes them, or ``None`` where the database has no such thing."""
        if schema_editor.connection.vendor != "postgresql":
            return None
        columns = [model._meta.get_field(field).column for field in self.fields]
        return Statement(
            f"CREATE STATISTICS %(name)s ({', '.join(self.kinds)}) ON %(columns)s FROM %(table)s",
            name=schema_editor.quote_name(self.name),
            columns=Columns(model._meta.db_table, columns, schema_editor.quote_name),
            table=Table(model._meta.db_table, schema_editor.quote_name),
        )

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """Return nothing to stand in the table's own statement: this one waits until the table is there."""
        if statement := self.create_sql(model, schema_editor):
            schema_editor.deferred_sql.append(statement)
        return None

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        """Return the statement that takes them away."""
        if schema_editor.connection.vendor != "postgresql":
            return None
        return Statement("DROP STATISTICS IF EXISTS %(name)s", name=schema_editor.quote_name(self.name))

    def validate(self, *_: Any, **__: Any) -> None:
        """Any row will do."""

    def deconstruct(self) -> Any:
        path, args, options = super().deconstruct()
        return path, args, {**options, "fields": self.fields, "kinds": self.kinds}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Statistics) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.name, self.fields, self.kinds))


def in_language(texts: dict[str, str] | None, language: str | None = None) -> str:
    """Return the text written by users in ``language``, else in Finnish, English or whatever there is."""
    if not texts:
        return ""
    wanted = (language or get_language() or "fi")[:2]
    for code in (wanted, "fi", "en", "sv"):
        if texts.get(code):
            return texts[code]
    return next(iter(texts.values()))
