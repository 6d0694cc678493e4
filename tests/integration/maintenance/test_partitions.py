"""The changes of records lie in pieces: made ahead, emptied of strays, only ever added to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import DatabaseError, connection, connections, transaction

from schoolgate.audit.actions import Change, record_changes
from schoolgate.audit.models import Event, RecordChange
from schoolgate.audit.partitions import RECORD_CHANGES
from schoolgate.audit.queries import changes_of_run, history, latest_changes
from schoolgate.lib import clock
from schoolgate.lib.partitions import made_pieces
from schoolgate.maintenance.partitions import keep_partitions
from schoolgate.maintenance.queries import partition_warnings

pytestmark = pytest.mark.django_db
FAR = datetime(2061, 3, 4, 12, tzinfo=UTC)
LONG_AGO = datetime(2003, 3, 4, 12, tzinfo=UTC)


def change(at: datetime, **said) -> Change:
    told = {"pupil_id": 7, "group": "address", "kind": "added", "reason": "always import", **said}
    return Change(at=at, after=b"{}", **told)


def place_of(row_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM record_change WHERE id = %s", [row_id])
        return str(cursor.fetchone()[0])


def pieces() -> set[str]:
    with connection.cursor() as cursor:
        return {span.piece for span in made_pieces(cursor, RECORD_CHANGES)}


@pytest.fixture
def only_own_pieces() -> Iterator[None]:
    """Afterwards there are the pieces there were before: what is committed stays for other tests."""
    before = pieces()
    yield
    with connection.cursor() as cursor:
        for piece in pieces() - before:
            cursor.execute(f"DROP TABLE {piece}")


def test_writes_into_the_piece_of_the_academic_year():
    now = clock.now()
    record_changes([change(now)])
    assert place_of(RecordChange.objects.get().pk) == RECORD_CHANGES.span_of(now).piece


def test_turns_no_change_away_for_want_of_a_piece_and_gives_it_one_later():
    record_changes([change(FAR, run_id=3, read_at=LONG_AGO), change(LONG_AGO)])
    before = list(RecordChange.objects.order_by("id").values())
    assert {place_of(row["id"]) for row in before} == {"record_change_default"}
    care = keep_partitions(now=clock.now())
    assert care.rows_moved == 2
    assert set(care.made) == {"record_change_2060_09", "record_change_2002_09"}
    assert list(RecordChange.objects.order_by("id").values()) == before
    assert [place_of(row["id"]) for row in before] == ["record_change_2060_09", "record_change_2002_09"]
    assert [row["read_at"] for row in before] == [LONG_AGO, None]
    record_changes([change(FAR, run_id=4, read_at=FAR)])
    assert place_of(RecordChange.objects.get(run_id=4, read_at=FAR).pk) == "record_change_2060_09"
    assert keep_partitions(now=clock.now()).made == ()


def test_makes_pieces_years_ahead_of_time_and_notes_it():
    later = clock.now() + timedelta(days=5 * 365)
    care = keep_partitions(now=later)
    wanted = {span.piece for span in RECORD_CHANGES.spans(later, later, more=2)}
    assert wanted == set(care.made)
    assert wanted <= pieces()
    told = Event.objects.filter(name="maintenance.partition.made").values_list("details", flat=True)
    assert {each["piece"] for each in told} == wanted


def test_drops_no_piece_however_old():
    record_changes([change(LONG_AGO)])
    keep_partitions(now=clock.now())
    before = pieces()
    keep_partitions(now=clock.now() + timedelta(days=30 * 365))
    assert before <= pieces()
    assert RecordChange.objects.get().at == LONG_AGO


def test_says_what_is_missing_and_what_lies_in_the_default_piece():
    now = clock.now()
    assert partition_warnings(now=now) == ()
    record_changes([change(FAR)])
    assert partition_warnings(now=now) == (
        "record_change_default holds rows that belong into pieces of their own.",
    )
    later = now + timedelta(days=4 * 365)
    missing = RECORD_CHANGES.span_of(later).piece
    assert f"record_change has no piece {missing} yet." in partition_warnings(now=later)
    keep_partitions(now=later)
    assert partition_warnings(now=later) == ()


def test_reads_a_childs_history_newest_first_over_all_pieces():
    now = clock.now()
    ages = [3000, 1500, 800, 30, 0]
    record_changes([change(now - timedelta(days=age), run_id=age) for age in ages])
    record_changes([change(now, pupil_id=8, run_id=0)])
    keep_partitions(now=now)
    assert len({place_of(row.pk) for row in history(None, 7)}) == 4
    assert [row.run_id for row in history(None, 7)] == ages[::-1]
    assert [row.run_id for row in latest_changes(None, 7, "address", limit=2)] == [0, 30]
    assert [row.run_id for row in history(None, 7, limit=2, before_id=history(None, 7)[1].pk)] == [800, 1500]
    assert [row.pupil_id for row in changes_of_run(0)] == [7, 8]


def test_lets_a_childs_changes_be_found_by_an_index_in_every_piece():
    keep_partitions(now=clock.now() + timedelta(days=9 * 365))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_indexes WHERE tablename LIKE 'record_change_%' "
            "AND indexdef LIKE '%(pupil_id, \"group\", id DESC)'"
        )
        indexed = {table for (table,) in cursor.fetchall()}
    assert indexed == {*pieces(), "record_change_default"}
    assert len(indexed) > 6


@pytest.mark.parametrize("statement", ["UPDATE {piece} SET reason = 'x'", "DELETE FROM {piece}"])
@pytest.mark.parametrize("when", ["now", "later", "default"])
def test_refuses_to_be_changed_in_any_piece(statement, when):
    record_changes([change(clock.now() if when == "now" else FAR)])
    if when == "later":
        keep_partitions(now=clock.now())
    piece = place_of(RecordChange.objects.get().pk)
    assert piece.endswith("_default") is (when == "default")
    for name in (piece, "record_change"):
        with (
            pytest.raises(DatabaseError, match="only added to"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.format(piece=name))
    assert RecordChange.objects.get().reason == "always import"


def test_lets_no_piece_be_freed_of_its_guard():
    piece = RECORD_CHANGES.span_of(clock.now()).piece
    with (
        pytest.raises(DatabaseError, match="requires it"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DROP TRIGGER record_change_row_is_only_added_to ON {piece}")


def test_takes_back_the_leave_to_move_rows_when_it_is_done():
    record_changes([change(FAR)])
    keep_partitions(now=clock.now())
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        RecordChange.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_gives_way_to_a_landing_and_comes_again(only_own_pieces):
    held, done = Signal(), Signal()

    def land() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE record_change IN ROW EXCLUSIVE MODE")
            held.set()
            done.wait(timeout=30)
        connections.close_all()

    landing = Thread(target=land)
    landing.start()
    held.wait(timeout=30)
    later = clock.now() + timedelta(days=8 * 365)
    try:
        made = keep_partitions(now=later).made
    finally:
        done.set()
        landing.join()
    assert made == ()
    assert len(keep_partitions(now=later).made) == 3
    assert partition_warnings(now=later) == ()
