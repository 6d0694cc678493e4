"""Kills a process while a run stands still at a chosen point, and judges what the run makes of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from tests.house import House, until
from tests.spec.register import differences, held_rows

from schoolgate_message.blocks import canonical, content_hash
from schoolgate_message.groups import GROUPS
from schoolgate_message.items import Scope


@dataclass(frozen=True)
class Point:
    """A place in a run's life: the table it is about to write, or the domain it is reading."""

    name: str
    table: str = ""
    domain: str = ""


POINTS = (
    Point("taking the run up", table="run"),
    Point("reading the roll", domain="LearnerIdentifiers"),
    Point("in the middle of reading", domain="LearnerContacts"),
    Point("reading the last domain", domain="LearnerExclusions"),
    Point("storing the file", table="transfer_file"),
    Point("matching at the start of landing", table="pupil_external_id"),
    Point("adding pupils", table="pupil"),
    Point("in the middle of writing groups", table="pupil_sen_needs"),
    Point("writing the audit", table="record_change"),
    Point("remembering hashes", table="block_hash"),
    Point("closing the books", table="run_account"),
    Point("writing the task log", table="task_log"),
)

IN_TEST = (
    "in the middle of reading",
    "storing the file",
    "in the middle of writing groups",
    "closing the books",
)
"""One point a stage, for every test run; the whole list is for ``make faults``."""

VICTIMS = ("worker", "database", "web")


@contextlib.contextmanager
def standing_still(house: House, point: Point, dfe_number: str) -> Iterator[None]:
    """Plan a snapshot of a base and wait until it stands still at the point."""
    if point.domain:
        house.control(
            "/faults", {"kind": "hang", "domain": point.domain, "dfe_number": dfe_number, "seconds": 8}
        )
        house.collect("snapshot", dfe_number, wait=False)
        until(
            lambda: bool(house.control("/faults")[0]["hits"]),
            seconds=60,
            what=f"reading hangs at {point.domain}",
        )
        yield
        house.control("/faults", method="DELETE")
        return
    with contextlib.ExitStack() as until_killed:
        if point.table == "run":
            house.kill("worker")
            house.collect("snapshot", dfe_number, wait=False)
            until_killed.enter_context(house.holding(point.table))
            house.start_worker()
        else:
            until_killed.enter_context(house.holding(point.table))
            house.collect("snapshot", dfe_number, wait=False)
        house.until_somebody_waits_for(point.table)
        yield


def kill_and_recover(house: House, point: Point, victim: str, dfe_number: str) -> None:
    """Kill the victim at the point, bring everything back, and wait for the run to end."""
    with standing_still(house, point, dfe_number):
        if victim == "database":
            house.kill_database()
        else:
            house.kill(victim)
    if victim == "database":
        house.start_database()
    elif victim == "worker":
        house.start_worker()
    else:
        house.start_web(house.web_port)
    house.until_finished()


def judge(house: House, dfe_number: str) -> list[object]:
    """What is wrong with a base after its run: differences, loose hashes, doubled rows, unbalanced books."""
    wrong: list[object] = list(differences(house, dfe_number))
    base_id = house.rows("SELECT id FROM base WHERE dfe_number = %s", dfe_number)[0]["id"]
    wrong += loose_hashes(house, base_id)
    wrong += house.rows(
        "SELECT id, stage, status, exception_sentence FROM run WHERE base_id = %s AND status NOT IN "
        "('exported', 'exceptions', 'nothing_changed')",
        base_id,
    )
    wrong += house.rows(
        "SELECT run_id, count(*) FROM transfer_file WHERE base_id = %s GROUP BY run_id HAVING count(*) > 1",
        base_id,
    )
    wrong += house.rows(
        'SELECT pupil_id, "group", count(*) FROM record_change WHERE base_id = %s '
        "GROUP BY run_id, pupil_id, 2, after->>'external_id' HAVING count(*) > 1",
        base_id,
    )
    return wrong


def loose_hashes(house: House, base_id: int) -> list[object]:
    """Every remembered hash that is not the hash of what the register holds."""
    cached = house.rows("SELECT pupil_id, hashes FROM block_hash WHERE base_id = %s", base_id)
    found: list[object] = []
    for group in GROUPS:
        held = held_rows(house, group.name, base_id, is_base=group.scope is Scope.BASE)
        for row in cached:
            hashes = row["hashes"] + [None] * (group.number - len(row["hashes"]))
            remembered: UUID | None = hashes[group.number - 1]
            if remembered is None:
                continue
            rows = held.get(row["pupil_id"], [])
            content = canonical(group, rows if group.is_list else (rows[0] if rows else {}))
            if content_hash(group, content) != remembered.bytes:
                found.append((group.name, row["pupil_id"]))
    return found
