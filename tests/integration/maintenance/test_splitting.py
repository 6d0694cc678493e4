"""An installation that has rows already is taken into pieces, and back, without losing or changing one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from schoolgate.audit.models import RecordChange
from schoolgate.audit.partitions import RECORD_CHANGES
from schoolgate.lib import clock
from schoolgate.lib.partitioning import split
from schoolgate.maintenance.queries import partition_warnings

pytestmark = pytest.mark.django_db(transaction=True)
AGES = [timedelta(days=days) for days in (6 * 365, 3 * 365, 400, 200, 1, 0)]
PLAIN, IN_PIECES = "0002_immutable", "0003_academic_years"
WHEN_BY_BLOCK, READ_AT = "0004_when_by_block", "0007_source"


@pytest.fixture(autouse=True)
def before() -> Iterator[None]:
    """The table as the release before left it; as this release wants it at the end."""
    migrate(PLAIN)
    yield
    migrate(PLAIN)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE record_change")
    call_command("migrate", "audit", verbosity=0)


def migrate(target: str) -> None:
    call_command("migrate", "audit", target, verbosity=0)


@cache
def earlier_changes() -> Any:
    """The changes as the release before knows them: it writes and reads with the table as it is now, too."""
    return (
        MigrationLoader(connection).project_state([("audit", PLAIN)]).apps.get_model("audit", "RecordChange")
    )


def add(**said: object) -> Any:
    told = {"group": "address", "kind": "added", "reason": "always import", "after": {"street": "Юр\tO'\\"}}
    return earlier_changes().objects.create(**{"at": clock.now(), "pupil_id": 7, **told, **said})


def rows() -> list[dict[str, object]]:
    return list(earlier_changes().objects.order_by("id").values())


def indexes() -> dict[str, str]:
    """Indexes by name, as PostgreSQL tells them; the primary key aside."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, replace(indexdef, ' ON ONLY ', ' ON ') FROM pg_indexes "
            "WHERE tablename = 'record_change' AND indexname <> 'record_change_pkey'"
        )
        return dict(cursor.fetchall())


def is_in_pieces() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relkind FROM pg_class WHERE oid = 'record_change'::regclass")
        return bool(cursor.fetchone()[0] == "p")


def test_keeps_every_row_and_index_on_the_way_there_and_back():
    for age in AGES:
        add(at=clock.now() - age)
    held, stood = rows(), indexes()
    assert (len(held), len(stood)) == (6, 3)
    migrate(IN_PIECES)
    assert (is_in_pieces(), rows(), indexes()) == (True, held, stood)
    assert partition_warnings(now=clock.now()) == ()
    newest = add()
    assert newest.pk > held[-1]["id"]
    migrate(PLAIN)
    assert (is_in_pieces(), rows()[:-1], indexes()) == (False, held, stood)
    assert rows()[-1]["id"] == newest.pk
    assert add().pk > newest.pk


def test_puts_each_row_into_the_piece_of_its_year():
    for age in AGES:
        add(at=clock.now() - age)
    migrate(IN_PIECES)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, at FROM record_change")
        found = cursor.fetchall()
    assert len(found) == len(AGES)
    assert [piece for piece, at in found if piece != RECORD_CHANGES.span_of(at).piece] == []


def test_gives_no_id_twice_even_one_whose_row_is_gone():
    last = add().pk
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE record_change")
    call_command("migrate", "audit", verbosity=0)
    assert add().pk > last


@pytest.mark.parametrize("statement", ["UPDATE record_change SET reason = 'x'", "DELETE FROM record_change"])
@pytest.mark.parametrize("after", [[IN_PIECES], [IN_PIECES, PLAIN]])
def test_goes_on_refusing_to_be_changed(statement, after):
    for target in after:
        add()
        migrate(target)
    with pytest.raises(DatabaseError, match="only added to"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert len(rows()) == len(after)


def test_keeps_who_may_read_the_table():
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE analyst_of_splitting")
        try:
            cursor.execute("GRANT SELECT ON record_change TO analyst_of_splitting")
            migrate(IN_PIECES)
            for privilege, is_granted in (("SELECT", True), ("INSERT", False)):
                cursor.execute(
                    "SELECT has_table_privilege('analyst_of_splitting', 'record_change', %s)", [privilege]
                )
                assert cursor.fetchone() == (is_granted,)
        finally:
            cursor.execute("DROP OWNED BY analyst_of_splitting")
            cursor.execute("DROP ROLE analyst_of_splitting")


def test_leaves_everything_as_it_was_when_a_view_stands_in_the_way():
    add()
    held = rows()
    with connection.cursor() as cursor:
        cursor.execute("CREATE VIEW somebodys AS SELECT * FROM record_change")
        try:
            with pytest.raises(DatabaseError, match="record_change_aside"):
                migrate(IN_PIECES)
            assert (is_in_pieces(), rows()) == (False, held)
        finally:
            cursor.execute("DROP VIEW somebodys")


def test_does_nothing_to_a_table_that_is_in_pieces():
    migrate(IN_PIECES)
    add()
    held = rows()
    with connection.cursor() as cursor:
        assert split(cursor, RECORD_CHANGES, now=clock.now()) == 0
    assert (is_in_pieces(), rows()) == (True, held)


def test_lets_the_release_before_write_and_read_even_where_no_piece_is_there():
    migrate(IN_PIECES)
    for at in (clock.now(), clock.now() + timedelta(days=20 * 365)):
        written = add(at=at)
        assert earlier_changes().objects.get(pk=written.pk).at == at
    assert len(rows()) == 2


def test_gives_every_piece_that_is_there_room_for_when_it_was_read_and_loses_no_row():
    migrate(WHEN_BY_BLOCK)
    for age in (*AGES, timedelta(days=-20 * 365)):
        add(at=clock.now() - age)
    held = rows()
    migrate(READ_AT)
    assert rows() == held
    assert list(RecordChange.objects.values_list("read_at", flat=True)) == [None] * len(held)
    for age in (*AGES, timedelta(days=-20 * 365)):
        read_at = clock.now() - age - timedelta(hours=1)
        written = RecordChange.objects.create(
            at=clock.now() - age, read_at=read_at, pupil_id=8, group="address", kind="added", reason="late"
        )
        assert RecordChange.objects.get(pk=written.pk).read_at == read_at
    migrate(WHEN_BY_BLOCK)
    assert rows()[: len(held)] == held
    assert len(rows()) == len(held) * 2
