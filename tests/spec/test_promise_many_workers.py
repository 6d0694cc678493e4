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
from tests.house import House, free_port

HELD = 20


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("h"), schools=HELD + 2, pupils=20)
    try:
        yield made
    finally:
        made.close()


def start_three(house: House) -> None:
    """Start three workers, and return once they live."""
    began = house.now()
    for name in ("one", "two", "three"):
        house.start_worker(name)
    house.until(
        lambda: len(house.rows("SELECT 1 FROM worker_process WHERE started_at > %s", began)) == 3,
        what="three workers live",
    )


def test_finishes_elsewhere_what_a_killed_worker_held(house: House) -> None:
    numbers = [
        row["dfe_number"] for row in house.rows("SELECT dfe_number FROM base ORDER BY 1 LIMIT %s", HELD)
    ]
    house.start_worker("victim", "--concurrency", str(HELD))
    with house.holding("transfer_file"):
        house.collect("snapshot", *numbers, wait=False)
        held = "SELECT worker, count(*) AS runs FROM run WHERE stage = 'collecting' GROUP BY 1"
        house.until(
            lambda: [row["runs"] for row in house.rows(held)] == [HELD], what="one worker holds all the runs"
        )
        victim = {row["worker"] for row in house.rows(held)}
        house.start_worker("rescuer", "--concurrency", "8")
        house.until(lambda: len(house.rows("SELECT 1 FROM worker_process")) == 2, what="the rescuer lives")
        house.kill("victim")
    killed_at = time.monotonic()
    house.until_finished()
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
    start_three(house)
    live_at = time.monotonic()
    planned = "SELECT task_id, base_id, count(*) AS times FROM run WHERE origin = 'task' GROUP BY 1, 2"
    house.until(lambda: len(house.rows(planned)) == len(due), what="every due occurrence is planned")
    assert time.monotonic() - live_at < 30
    house.until_finished()
    assert {row["times"] for row in house.rows(planned)} == {1}
    assert {(row["task_id"], row["base_id"]) for row in house.rows(planned)} == {
        (row["task_id"], row["base_id"]) for row in due
    }
    assert not house.rows("SELECT 1 FROM task_membership WHERE next_due_at <= %s", house.now())
    assert {row["attempt"] for row in house.rows("SELECT attempt FROM run WHERE origin = 'task'")} <= {1, 2}


def test_says_at_health_how_the_clock_is(house: House) -> None:
    start_three(house)
    port = free_port()
    house.start_web(port)
    address = f"http://127.0.0.1:{port}/health"
    house.until(lambda: _answers(address), what="the web server answers")
    house.until(lambda: _workers_at(address) == 3, what="health tells of three workers")
    told = json.loads(urlopen(address).read())
    assert told["ok"]
    assert told["is_well"], told
    assert len(told["workers"]) == 3
    assert told["lag_seconds"] < 60
    assert told["planner_last_ran_at"]


def _workers_at(address: str) -> int:
    return len(json.loads(urlopen(address).read())["workers"])


def _answers(address: str) -> bool:
    try:
        return bool(urlopen(address).status == 200)
    except OSError:
        return False
