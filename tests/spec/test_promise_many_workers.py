"""# Any number of workers

Planning is safe with any number of workers: each due occurrence becomes one run, carried out once. A worker
that dies is missed by nobody: what it held is finished elsewhere within a minute, and landed once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from tests.house import House, free_port, until

HELD = 20


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("h"), schools=HELD + 2, pupils=20)
    yield made
    made.close()


def test_finishes_elsewhere_what_a_killed_worker_held(house: House) -> None:
    numbers = [
        row["dfe_number"] for row in house.rows("SELECT dfe_number FROM base ORDER BY 1 LIMIT %s", HELD)
    ]
    house.start_worker("victim", "--concurrency", str(HELD))
    with house.holding("transfer_file"):
        house.collect("snapshot", *numbers, wait=False)
        held = "SELECT worker FROM run WHERE stage = 'collecting' AND worker <> ''"
        until(lambda: len(house.rows(held)) == HELD, seconds=60, what="one worker holds all the runs")
        victim = {row["worker"] for row in house.rows(held)}
        house.start_worker("rescuer", "--concurrency", "8")
        until(
            lambda: len(house.rows("SELECT 1 FROM worker_process")) == 2, seconds=30, what="the rescuer lives"
        )
        house.kill("victim")
    killed_at = time.monotonic()
    house.until_finished(seconds=60)
    assert time.monotonic() - killed_at < 60
    runs = house.rows("SELECT * FROM run WHERE origin = 'ad_hoc'")
    assert len(runs) == HELD
    assert {run["stage"] for run in runs} == {"done"}, [run["exception_sentence"] for run in runs]
    assert {run["status"] for run in runs} <= {"exported", "exceptions"}
    assert not victim & {run["worker"] for run in runs}
    assert all(run["attempt"] > 1 and run["is_balanced"] for run in runs)
    assert not house.rows("SELECT run_id FROM transfer_file GROUP BY run_id, part HAVING count(*) > 1")
    assert not house.rows(
        'SELECT 1 FROM record_change GROUP BY run_id, pupil_id, "group", '
        "after->>'external_id' HAVING count(*) > 1"
    )
    assert not house.rows("SELECT run_id FROM task_log GROUP BY run_id, file_id HAVING count(*) > 1")
    house.kill("rescuer")


def test_starts_each_due_run_exactly_once_with_three_workers(house: House) -> None:
    house.schoolgate(
        "collect", "--all", "--no-wait"
    )  # something long to do, which the clock must not wait for
    due = house.rows(
        "UPDATE task_membership SET next_due_at = %s - interval '1 second' WHERE pending_reason = ''"
        " RETURNING task_id, base_id, next_due_at",
        house.now(),
    )
    assert len(due) > HELD
    for name in ("one", "two", "three"):
        house.start_worker(name)
    planned = "SELECT task_id, base_id, count(*) AS times FROM run WHERE origin = 'task' GROUP BY 1, 2"
    until(lambda: len(house.rows(planned)) == len(due), seconds=30, what="every due occurrence is planned")
    house.until_finished(seconds=90)
    assert {row["times"] for row in house.rows(planned)} == {1}
    assert {(row["task_id"], row["base_id"]) for row in house.rows(planned)} == {
        (row["task_id"], row["base_id"]) for row in due
    }
    assert not house.rows("SELECT 1 FROM task_membership WHERE next_due_at <= %s", house.now())
    assert {row["attempt"] for row in house.rows("SELECT attempt FROM run WHERE origin = 'task'")} <= {1, 2}


def test_says_at_health_how_the_clock_is(house: House) -> None:
    port = free_port()
    house.start_web(port)
    address = f"http://127.0.0.1:{port}/health"
    until(lambda: _answers(address), seconds=30, what="the web server answers")
    told = json.loads(urlopen(address).read())
    assert told["ok"]
    assert told["is_well"], told
    assert len(told["workers"]) == 3
    assert told["lag_seconds"] < 60
    assert told["planner_last_ran_at"]


def _answers(address: str) -> bool:
    try:
        return bool(urlopen(address).status == 200)
    except OSError:
        return False
