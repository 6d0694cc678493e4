"""Kills a process while a run stands still at a chosen point, and judges what the run makes of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from uuid import UUID

from tests.house import House
from tests.landing import message, pupil
from tests.spec.register import differences, held_rows, mark_differences

from schoolgate_message.blocks import canonical, content_hash
from schoolgate_message.groups import GROUPS
from schoolgate_message.items import Scope
from schoolgate_message.records import MatchKeys


@dataclass(frozen=True)
class Point:
    """A place in a run's life: the table it is about to write, or the domain it is reading."""

    name: str
    table: str = ""
    domain: str = ""
    data: str = "snapshot"
    """What is under way: a kind of data that is collected, or a message that was received."""


CHANGED, ATTENDANCE, RECEIVED = "changed", "attendance-changed", "received"
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

LATER_POINTS = (
    Point("reading what changed", domain="LearnerAddresses", data=CHANGED),
    Point("storing the file of what changed", table="transfer_file", data=CHANGED),
    Point("writing what changed", table="pupil_address", data=CHANGED),
    Point("closing the books of what changed", table="run_account", data=CHANGED),
    Point("reading marks", domain="AttendanceRecords", data=ATTENDANCE),
    Point("writing marks", table="attendance_year", data=ATTENDANCE),
    Point("closing the books of marks", table="run_account", data=ATTENDANCE),
    Point("matching what was received", table="pupil_external_id", data=RECEIVED),
    Point("writing what was received", table="pupil_address", data=RECEIVED),
    Point("closing the books of what was received", table="run_account", data=RECEIVED),
)
"""The same for what comes after a first snapshot, and by another way in."""

LATER_IN_TEST = ("writing marks", "writing what was received")
LATER_VICTIMS = ("worker", "database")
RECEIVED_PUPILS = 30


def prepare(house: House, point: Point, dfe_number: str) -> None:
    """What must have landed before: changes and marks are of pupils whom the register knows."""
    if point.data not in {CHANGED, ATTENDANCE}:
        return
    house.collect("snapshot", dfe_number)
    if point.data == CHANGED:
        for each in _heard(house, dfe_number)[:3]:
            place = {"dfe_number": dfe_number, "external_id": each, "domain": "LearnerAddresses", "row": 0}
            house.control("/edit", {**place, "items": {"Street": f"{point.name.title()} Row"}})


def _heard(house: House, dfe_number: str) -> list[str]:
    """Who is on the roll, but for those for whom another school speaks: what this one says of them waits."""
    pupils = house.control(f"/truth/{dfe_number}")["pupils"]
    return [
        each["external_id"]
        for each in pupils
        if each["on_roll"] == "Current"
        and all(row["EnrolmentStatus"] != "S" for row in each["LearnerEnrolments"])
    ]


def begin(house: House, point: Point, dfe_number: str) -> None:
    """Plan the run, and don't wait for it."""
    if point.data != RECEIVED:
        house.collect(point.data, dfe_number, wait=False)
        return
    path = house.folder / f"{dfe_number}.xml"
    sent = [pupil(keys, address=address) for keys, address in received(dfe_number)]
    path.write_bytes(message(SimpleNamespace(dfe_number=dfe_number), *sent))  # type: ignore[arg-type]
    house.schoolgate("receive", str(path), "--base", dfe_number, "--no-wait")


def received(dfe_number: str) -> list[tuple[MatchKeys, dict[str, str]]]:
    """Who is in the message that a base's case receives, with the address of each."""
    return [
        (
            MatchKeys(
                external_id=f"{dfe_number}-{number}",
                family_name=f"Marlowe {dfe_number}",
                given_name=f"Iris {number}",
                date_of_birth=f"2017-03-{number % 28 + 1:02d}",
                sex="F",
            ),
            {"postcode": "AB1 2CD", "street": f"{number} Ashgrove Road"},
        )
        for number in range(RECEIVED_PUPILS)
    ]


@contextlib.contextmanager
def standing_still(house: House, point: Point, dfe_number: str) -> Iterator[None]:
    """Begin a run of a base, of what the point is about, and wait until it stands still there."""
    prepare(house, point, dfe_number)
    if point.domain:
        house.control(
            "/faults", {"kind": "hang", "domain": point.domain, "dfe_number": dfe_number, "seconds": 8}
        )
        begin(house, point, dfe_number)
        try:
            house.until(
                lambda: bool(house.control("/faults")[0]["hits"]), what=f"reading hangs at {point.domain}"
            )
            yield
        finally:
            house.control("/faults", method="DELETE")
        return
    with contextlib.ExitStack() as until_killed:
        if point.table == "run":
            house.kill("worker")
            begin(house, point, dfe_number)
            until_killed.enter_context(house.holding(point.table))
            house.start_worker()
        else:
            until_killed.enter_context(house.holding(point.table))
            begin(house, point, dfe_number)
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


def judge(house: House, dfe_number: str, point: Point) -> list[object]:
    """What is wrong with a base after its run: differences, loose hashes, doubled rows, unbalanced books."""
    base_id = house.rows("SELECT id FROM base WHERE dfe_number = %s", dfe_number)[0]["id"]
    wrong: list[object] = []
    if point.data == RECEIVED:
        wrong += differences_from_received(house, dfe_number, base_id)
    else:
        wrong += differences(house, dfe_number)
    if point.data == ATTENDANCE:
        wrong += mark_differences(house, dfe_number)
    return wrong + traces(house, base_id)


def differences_from_received(house: House, dfe_number: str, base_id: int) -> list[object]:
    """Who of a message is not in the register once, with the address that was sent."""
    rows = house.rows(
        "SELECT x.external_id, a.postcode, a.street FROM pupil_external_id x "
        "LEFT JOIN pupil_address a ON a.pupil_id = x.pupil_id WHERE x.base_id = %s ORDER BY x.id",
        base_id,
    )
    got = sorted((row["external_id"], row["postcode"], row["street"]) for row in rows)
    sent = sorted(
        (keys.external_id, address["postcode"], address["street"]) for keys, address in received(dfe_number)
    )
    return [] if got == sent else [("received", sent, got)]


def traces(house: House, base_id: int) -> list[object]:
    """Loose hashes, runs that did not come through, files, rows and books that are there twice."""
    wrong = loose_hashes(house, base_id)
    wrong += house.rows(
        "SELECT id, stage, status, exception_sentence FROM run WHERE base_id = %s AND status NOT IN "
        "('exported', 'exceptions', 'nothing_changed')",
        base_id,
    )
    wrong += house.rows(
        "SELECT id, intake FROM run WHERE base_id = %s AND (intake IS NOT NULL OR NOT is_balanced)", base_id
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
