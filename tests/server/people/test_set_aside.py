"""Indexes are set aside while many rows are written, and always come back."""

from __future__ import annotations

import pytest
from django.db import connection

from luotain.server.models.listen import Feedback
from luotain.server.operations.people.schema import indexes_set_aside, mend_indexes, missing_indexes

pytestmark = pytest.mark.django_db(transaction=True)


def test_indexes_are_away_meanwhile_and_come_back() -> None:
    heard = [index for index in Feedback._meta.indexes if index.name in ("feedback_heard", "heard_by_unit")]
    with indexes_set_aside(heard):
        assert missing_indexes() == ["feedback_heard", "heard_by_unit"]
    assert missing_indexes() == []


def test_indexes_come_back_where_the_writing_fails() -> None:
    def fail() -> None:
        with indexes_set_aside(Feedback._meta.indexes):
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        fail()
    assert missing_indexes() == []


def test_what_has_come_back_meanwhile_is_left_as_it_is() -> None:
    with indexes_set_aside(Feedback._meta.indexes):
        assert "feedback_heard" in mend_indexes()
    assert missing_indexes() == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL sorts on disk by itself")
def test_the_connection_is_left_as_it_was() -> None:
    def settings() -> list[object]:
        told = []
        with connection.cursor() as cursor:
            for name in ("temp_store", "mmap_size"):
                cursor.execute(f"PRAGMA {name}")
                told.append(cursor.fetchone())
        return told

    before = settings()
    with indexes_set_aside(Feedback._meta.indexes):
        assert settings() == before
    assert settings() == before
