"""A first snapshot, from the message file to the register, held against raw COPY and against dlt.

The floor copies the very rows that the landing wrote (register, audit, hash cache, links of external ids)
into tables with the same columns and indexes, from bytes that lie ready: no parsing, no thinking. dlt gets
the register's rows as Arrow tables, and nothing to match, audit or account for.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg
from bench.bases import Pages, collect_run, land, make_school, plan_snapshot, status_of
from bench.findings import Finding, Ratio, milliseconds, seconds_of
from bench.installation import clean_statistics, connect
from bench.peers import Peer, differing_rows, register_rows

from schoolgate.bases.models import Base
from schoolgate.pupils.columns import table_of
from schoolgate.runs.states import LogStatus
from schoolgate_message.groups import GROUPS

PUPILS, SCHOOLS = 1500, 3
LANDINGS = 7
"""Rounds: the same code's single ones differ by a third."""
FLOOR, PEER = 4, 3
FLOOR_SCHEMA = "raw"

WRITTEN = (
    *((table_of(group), "base_id = ANY(%s)") for group in GROUPS),
    ("pupil_external_id", "base_id = ANY(%s)"),
    ("record_change", "base_id = ANY(%s)"),
    ("block_hash", "base_id = ANY(%s)"),
    ("page_hash", "base_id = ANY(%s)"),
    ("pupil", "created_by_run IN (SELECT id FROM run WHERE base_id = ANY(%s))"),
)
"""The tables a landing writes a row a pupil or more to, and which of their rows are these bases'."""

School = tuple[Base, Pages]
Connection = psycopg.Connection[tuple[object, ...]]


class Spent:
    """Seconds of each side, a round at a time."""

    def __init__(self) -> None:
        self.landing: list[float] = []
        self.collecting: list[float] = []
        self.floor: list[float] = []
        self.peer: list[float] = []


def measure() -> Finding:
    """In each round three schools the installation has not seen yet, on all three sides."""
    spent = Spent()
    with connect() as connection, tempfile.TemporaryDirectory(prefix="sgb-") as folder:
        _land_all([make_school(9999, pupils=50)], Spent())  # everything is compiled and connected
        _make_floor(connection)
        peer = Peer(Path(folder))
        rows = written = 0
        names: set[str] = set()
        for number in range(LANDINGS):
            first = 1 + number * SCHOOLS
            schools = [make_school(each, pupils=PUPILS) for each in range(first, first + SCHOOLS)]
            clean_statistics()
            _land_all(schools, spent)
            base_ids = [base.pk for base, _ in schools]
            written = _copy_raw(connection, base_ids, spent)
            tables = register_rows(connection, base_ids)
            rows = sum(table.num_rows for table in tables.values())
            if not number:
                peer.prepare(tables)
            names.update(tables)
            spent.peer.append(seconds_of(lambda tables=tables: peer.merge(tables)))
        _check_equal(connection, names)
    return _finding(spent, rows=rows, written=written)


def _land_all(schools: Sequence[School], spent: Spent) -> None:
    runs = [(plan_snapshot(base), pages) for base, pages in schools]
    spent.collecting.append(sum(seconds_of(lambda run=run: collect_run(*run)) for run in runs))
    spent.landing.append(sum(seconds_of(lambda run_id=run_id: land(run_id)) for run_id, _ in runs))
    if {status_of(run_id) for run_id, _ in runs} != {LogStatus.SUCCESSFULLY_EXPORTED.value}:
        raise AssertionError("a first snapshot did not land whole")


def _make_floor(connection: Connection) -> None:
    connection.execute(f"CREATE SCHEMA {FLOOR_SCHEMA}")
    for table, _ in WRITTEN:
        connection.execute(f"CREATE TABLE {FLOOR_SCHEMA}.{table} (LIKE public.{table} INCLUDING ALL)")


def _copy_raw(connection: Connection, base_ids: list[int], spent: Spent) -> int:
    """Take the rows out as bytes, then copy them in, in one transaction; answers how many there were."""
    bodies: dict[str, bytes] = {}
    rows = 0
    for table, which in WRITTEN:
        with connection.cursor() as cursor:
            with cursor.copy(
                f"COPY (SELECT * FROM public.{table} WHERE {which}) TO STDOUT", [base_ids]
            ) as copy:
                bodies[table] = b"".join(bytes(piece) for piece in copy)
            rows += cursor.rowcount
    spent.floor.append(seconds_of(lambda: _copy_in(connection, bodies)))
    return rows


def _copy_in(connection: Connection, bodies: dict[str, bytes]) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        for table, body in bodies.items():
            with cursor.copy(f"COPY {FLOOR_SCHEMA}.{table} FROM STDIN") as copy:
                copy.write(body)


def _check_equal(connection: Connection, names: set[str]) -> None:
    warm = "SELECT id FROM base WHERE dfe_number = '8209999'"
    for group in GROUPS:
        connection.execute(f"DELETE FROM {table_of(group)} WHERE base_id IN ({warm})")
    if differing_rows(connection, sorted(names)):
        raise AssertionError("the register and the peer's tables are not equal")


def _finding(spent: Spent, *, rows: int, written: int) -> Finding:
    landing = spent.landing
    pupils = PUPILS * SCHOOLS
    seconds = statistics.median(landing)
    explanation = (
        "A landing does what neither side does: it reads and checks the XML, matches every pupil, checks "
        "every code, compares, audits every block, hashes it and balances the books. Profiled, it takes as "
        "much of the process's time as of the database's, side by side where the order of statements allows. "
        "Of the database's time a quarter goes to foreign keys, which the raw COPY is spared, and a fifth to "
        "the audit; of the process's a quarter to reading, the rest to each block, spread thinly."
    )
    against_copy = Ratio(
        "First snapshot, against raw COPY",
        _median(landing, spent.floor),
        FLOOR,
        is_at_most=True,
        explanation=explanation,
    )
    against_peer = Ratio(
        "First snapshot, times as fast as dlt",
        _median(spent.peer, landing),
        PEER,
        is_at_most=False,
        explanation=(
            "dlt gets parsed and typed columns and moves them by COPY and a merge inside PostgreSQL; it was "
            f"asked for {rows:,} register rows, while the landing wrote {written:,} rows out of XML, audit "
            "and cache included. Three times as fast as dlt would be faster than a raw COPY of the rows that "
            "are written here: the goal stands, and this is how far from it we are."
        ),
    )
    return Finding(
        title="A first snapshot",
        method=(
            f"In each of {LANDINGS} rounds {SCHOOLS} schools of {PUPILS:,} pupils land for the first time, "
            "from the stored message to the balanced account. Held against a raw COPY of all rows the "
            "landing wrote, with their indexes, and against dlt merging the register's rows alone, given as "
            "Arrow tables, into the same PostgreSQL (its tables are checked to be equal to the register)."
        ),
        ratios=[against_copy, against_peer],
        figures={
            "Landing a round": f"{milliseconds(seconds)}, {pupils / seconds:,.0f} pupils a second",
            "Rows written a round": f"{written:,}, {written / seconds:,.0f} a second",
            "Raw COPY of the same rows": milliseconds(statistics.median(spent.floor)),
            "Dlt, the register's rows": f"{milliseconds(statistics.median(spent.peer))}, {rows:,} rows",
            "Collecting and writing the messages, for comparison": milliseconds(
                statistics.median(spent.collecting)
            ),
        },
    )


def _median(above: Sequence[float], below: Sequence[float]) -> float:
    return statistics.median(one / other for one, other in zip(above, below, strict=True))
