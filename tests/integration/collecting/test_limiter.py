"""The limiter all workers share, in PostgreSQL."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator

import pytest
from django.db import connection

from schoolgate.collecting.limiter import PostgresLimiter, key_for
from schoolgate.collecting.models import SourceTurn
from schoolgate.collecting.turns import next_turn

KEY = key_for(address="https://api.example/ssli01/", shared_by="lantern")


@pytest.fixture
def alone(transactional_db: None) -> Iterator[None]:
    yield
    SourceTurn.objects.all().delete()


def test_names_a_source_without_its_key() -> None:
    assert key_for(address="https://API.example/ssli01", shared_by="lantern") == KEY
    assert key_for(address="https://api.example/ssli01", shared_by="other") != KEY
    assert "lantern" not in KEY


def test_keeps_three_workers_together_within_the_limit(alone: None) -> None:
    allowed, sent, lock = 20, [], threading.Lock()
    until = time.monotonic() + 3

    def work() -> None:
        limiter = PostgresLimiter(KEY, calls_per_second=allowed)
        while time.monotonic() < until:
            limiter.wait_turn()
            with lock:
                sent.append(time.monotonic())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    most = max(bisect_left(sent, at + 1.0) - index for index, at in enumerate(sorted(sent)))
    assert most <= allowed
    assert len(sent) > 3 * allowed * 0.8


def test_holds_everybody_back_when_the_source_says_so(alone: None) -> None:
    first, second = (PostgresLimiter(KEY, calls_per_second=100) for _ in range(2))
    first.wait_turn()
    first.push_back(0.5)
    began = time.monotonic()
    second.wait_turn()
    assert time.monotonic() - began >= 0.45


def test_gives_the_turn_the_rules_give(alone: None) -> None:
    waits: list[float] = []
    limiter = PostgresLimiter(KEY, calls_per_second=0.5, sleep=waits.append)
    limiter.wait_turn()
    before = SourceTurn.objects.get(key=KEY)
    turn = next_turn(
        next_at=before.next_at.timestamp(),
        paused_until=before.paused_until.timestamp(),
        now=time.time(),
        interval=limiter._values["interval"],
    )
    limiter.wait_turn()
    after = SourceTurn.objects.get(key=KEY)
    assert after.next_at.timestamp() == pytest.approx(turn.next_at, abs=0.001)
    assert waits[0] == pytest.approx(turn.at - time.time(), abs=0.5)
    assert after.calls == 2
