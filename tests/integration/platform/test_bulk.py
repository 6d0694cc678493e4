"""Copying many rows, waiting for the server or not."""

from __future__ import annotations

import contextlib

import psycopg
import pytest
from django.db import connection, transaction

from schoolgate.lib.bulk import (
    FIELD,
    NULL,
    UncopyableTextError,
    copy_lines,
    copy_rows,
    copying,
    without_waiting,
    written_array,
)

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = ("number", "text")


@pytest.fixture(autouse=True)
def _table():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE copied (number integer PRIMARY KEY, text text)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE copied")


def copy(*rows):
    with connection.cursor() as cursor:
        return copy_rows(cursor, "copied", COLUMNS, rows)


def held():
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, text FROM copied ORDER BY number")
        return cursor.fetchall()


def test_copies_texts_to_the_letter_and_none_as_null():
    rows = [(1, "a\tb\\c\nd\re\\N"), (2, None), (3, ""), (4, "\\.")]
    assert copy(*rows) == len(rows)
    assert held() == rows


def test_copies_lines_that_were_joined_before():
    with connection.cursor() as cursor:
        assert copy_lines(cursor, "copied", COLUMNS, [f"1{FIELD}a\tb", f"2{FIELD}{NULL}"]) == 2
    assert held() == [(1, "a\tb"), (2, None)]


def test_refuses_a_text_that_would_shift_the_columns():
    with pytest.raises(UncopyableTextError):
        copy((1, f"a{FIELD}b"))
    assert held() == []


def test_sees_all_rows_in_the_statement_after_a_copy_nobody_waited_for():
    with transaction.atomic(), without_waiting(connection):
        copy(*((number, "x") for number in range(2_000)))
        copy((2_000, "y"))
        assert len(held()) == 2_001
        copy((2_001, "z"))
    assert len(held()) == 2_002


def test_lets_a_copy_written_by_hand_follow_one_nobody_waited_for():
    with transaction.atomic(), without_waiting(connection):
        copy((1, "x"))
        with connection.cursor() as cursor, copying(cursor, "COPY copied FROM STDIN") as by_hand:
            by_hand.write("2\ty\n")
    assert held() == [(1, "x"), (2, "y")]


def test_raises_what_the_server_has_against_the_rows_and_leaves_nothing():
    with pytest.raises(psycopg.errors.UniqueViolation), transaction.atomic(), without_waiting(connection):
        copy((1, "x"), (1, "y"))
    assert held() == []


def test_takes_the_rows_back_when_what_they_belong_to_fails():
    with transaction.atomic():
        with contextlib.suppress(ZeroDivisionError), without_waiting(connection):
            copy((1, "x"))
            1 / 0  # noqa: B018 - what it belongs to
        transaction.set_rollback(True)
    assert held() == []
    assert copy((1, "x")) == 1


def test_waits_again_behind_the_block():
    with transaction.atomic():
        with without_waiting(connection):
            copy((1, "x"))
        with pytest.raises(psycopg.errors.UniqueViolation):
            copy((1, "y"))
        transaction.set_rollback(True)


def test_hands_an_array_of_texts_to_the_letter():
    texts = ["", "NULL", "a b", 'say "hi"', "back\\slash", "{1,2}", "O'Neil", "Zoë", "%s"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [written_array(texts)])
        assert cursor.fetchone()[0] == texts
