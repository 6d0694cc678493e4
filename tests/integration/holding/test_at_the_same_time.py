"""Landings and officers at what waits at the same moment: nobody decides what another is just replacing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from tests import cast
from tests.landing import ADDRESS, OTHER_ADDRESS, keys
from tests.waiting import SOURCE, absence, block, put

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.holding.actions import let_go, may_hold, put_aside, refuse
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.holding.queries import entries_that_wait, standing

pytestmark = pytest.mark.django_db(transaction=True)

LATER = cast.NOW + timedelta(days=1)
LONG = 20.0
TWIN = keys("twin one").external_id


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[threading.Event]:
    """Another worker has done this and not committed yet; it does when the event is set, or at the end."""
    there, go = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def at_work() -> None:
        try:
            with transaction.atomic():
                work()
                there.set()
                assert go.wait(LONG)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shall see it
            failures.append(error)
            there.set()
        finally:
            connection.close()

    thread = threading.Thread(target=at_work)
    thread.start()
    try:
        assert there.wait(LONG)
        yield go
    finally:
        go.set()
        thread.join(LONG)
    assert not failures


def in_a_moment(work: Callable[[], object]) -> threading.Thread:
    """The same in a thread of its own, which has to wait for somebody."""

    def at_work() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=at_work)
    thread.start()
    return thread


def test_opens_one_entry_when_two_put_the_first_pupils_aside_at_once():
    base = cast.base()

    def one() -> None:
        put_aside([absence("twin one")], base_id=base.pk, run_id=1, now=cast.NOW)

    def other() -> None:
        put_aside([absence("twin two")], base_id=base.pk, run_id=2, now=cast.NOW)

    with beside(one) as go:
        waiting = in_a_moment(other)
        waiting.join(0.3)
        assert waiting.is_alive()
        go.set()
        waiting.join(LONG)
    [entry] = entries_that_wait(EVERYTHING)
    assert entry.pupils == 2
    assert HeldEntry.objects.count() == 1


def test_refuses_nothing_that_a_landing_is_just_replacing():
    base = cast.base()
    entry = put(base, block("twin one", "address", ADDRESS))
    newer = block("twin one", "address", OTHER_ADDRESS, read_at=LATER)
    with beside(lambda: put_aside([newer], base_id=base.pk, run_id=2, now=LATER)):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        with pytest.raises(OperationalError):
            refuse(entry.pk, by=7, reason="Not ours.", now=LATER)
        connection.close()
    assert standing(base.pk, SOURCE)[TWIN, "address"].digest == newer.digest
    assert standing(base.pk, SOURCE)[TWIN, "address"].state == "waiting"


def test_lets_newer_content_wait_anew_after_a_refusal_it_had_to_wait_for():
    base = cast.base()
    entry = put(base, block("twin one", "address", ADDRESS))
    newer = block("twin one", "address", OTHER_ADDRESS, read_at=LATER)
    with beside(lambda: refuse(entry.pk, by=7, reason="Not ours.", now=LATER)) as go:
        landing = in_a_moment(lambda: put_aside([newer], base_id=base.pk, run_id=2, now=LATER))
        landing.join(0.3)
        assert landing.is_alive()
        go.set()
        landing.join(LONG)
    entry.refresh_from_db()
    assert entry.state == "refused"
    assert sorted(HeldItem.objects.values_list("state", flat=True)) == ["ended", "waiting"]
    assert standing(base.pk, SOURCE)[TWIN, "address"].digest == newer.digest


def test_opens_a_new_entry_where_the_last_pupil_of_the_old_one_was_just_let_go():
    base = cast.base()
    entry = put(base, absence("twin one"))

    def back() -> None:
        let_go([(TWIN, "")], base_id=base.pk, source=SOURCE, why="back on the roll", now=LATER)

    with beside(back) as go:
        landing = in_a_moment(lambda: put_aside([absence("twin two")], base_id=base.pk, run_id=2, now=LATER))
        landing.join(0.3)
        go.set()
        landing.join(LONG)
    entry.refresh_from_db()
    assert entry.state == "closed"
    [waiting] = entries_that_wait(EVERYTHING)
    assert (waiting.pupils, waiting.id == entry.pk) == (1, False)


def test_leaves_a_base_alone_whose_entries_somebody_else_is_changing():
    base, other = cast.base(), cast.base("Millbrook Primary")
    put(base, absence("twin one"))
    put(other, absence("twin two"))
    landing = beside(lambda: put_aside([absence("no UPN")], base_id=base.pk, run_id=2, now=LATER))
    with landing, transaction.atomic():
        assert [may_hold(base.pk), may_hold(other.pk)] == [False, True]
    with transaction.atomic():
        assert may_hold(base.pk)
