"""A snapshot in which nothing changed, held against its floor and against dlt.

The floor is the least anybody could do who wants to know that nothing changed: hash the same bytes and read
the base's rows of the hash cache. The run's side is a whole collecting job: taken up, every page read
(from memory) and checked, the roll, the books, the task log, all committed. Beside them stands the least that
a run's bookkeeping can cost on this machine: as many commits and empty statements, on a bare connection.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg
import xxhash
from bench.bases import Pages, collect_run, land, make_school, plan_snapshot, status_of
from bench.findings import ROUNDS, Finding, Ratio, median_seconds, milliseconds, seconds_of
from bench.installation import clean_statistics, connect
from bench.made_pages import size_of
from bench.peers import Peer, differing_rows, register_rows

from schoolgate.bases.models import Base
from schoolgate.runs.states import LogStatus

LARGE, SMALL, SMALL_SCHOOLS = 4000, 400, 5
STATEMENTS = 4
"""What a run asks and writes beside its two commits, each with a row: base and run, officers' settings,
connection, known pages."""
FLOOR = 2
PEER = 10

School = tuple[Base, Pages]
Connection = psycopg.Connection[tuple[object, ...]]


def measure() -> Finding:
    """Land every school once, then read them again, unchanged."""
    large = [make_school(1, pupils=LARGE)]
    small = [make_school(number, pupils=SMALL) for number in range(2, 2 + SMALL_SCHOOLS)]
    for base, pages in (*large, *small):
        run_id = plan_snapshot(base)
        collect_run(run_id, pages)
        land(run_id)
        _collect_again((base, pages))
    clean_statistics()
    finding = Finding(
        title="A snapshot in which nothing changed",
        method=(
            f"A school of {LARGE:,} pupils and {SMALL_SCHOOLS} of {SMALL}, landed before and read again. "
            "Held against hashing the same bytes (xxh3-128) and reading the schools' rows of the cache with "
            "psycopg; and against dlt merging the same register rows, given as Arrow tables, into the same "
            "PostgreSQL."
        ),
    )
    with connect() as connection:
        connection.execute("CREATE TABLE bench_row (number int)")
        spent = _against_floor(connection, large, f"school of {LARGE:,}", finding)
        spent += _against_floor(connection, small, f"schools of {SMALL}", finding)
        _against_peer(connection, [*large, *small], spent, finding)
    return finding


def _against_floor(connection: Connection, schools: Sequence[School], what: str, finding: Finding) -> float:
    """Floor and run in turns, so that both meet the same machine; answers the run's median."""
    floors, runs, books = [], [], []
    for _ in range(ROUNDS + 2):
        floors.append(seconds_of(lambda: _floor(connection, schools)))
        books.append(seconds_of(lambda: _least_bookkeeping(connection, schools)))
        runs.append(sum(_collect_again(school) for school in schools))
    floor, run, book = (statistics.median(each) for each in (floors, runs, books))
    finding.ratios.append(
        Ratio(
            f"Nothing changed, {what}, against the floor",
            statistics.median(run / floor for run, floor in zip(runs, floors, strict=True)),
            FLOOR,
            is_at_most=True,
            explanation=(
                "What is left is no work on the data but a run's own bookkeeping: six statements and two "
                "commits (taking the run up, its connection, the books, the task log), however small the "
                "school. The floor keeps no books and commits nothing; as many empty statements and commits "
                "on a bare connection are told beside it. Under the source's throttle a run waits seconds "
                "for its pages."
            ),
        )
    )
    pupils = sum(_pupils_of(base) for base, _ in schools)
    size = sum(size_of(pages) for _, pages in schools)
    finding.figures[f"{what}: pupils, bytes of pages".capitalize()] = f"{pupils:,}, {size / 2**20:.1f} MiB"
    hashing = median_seconds(lambda: [_hash(pages) for _, pages in schools])
    finding.figures[f"{what}: floor".capitalize()] = f"{milliseconds(floor)}, hashing {milliseconds(hashing)}"
    finding.figures[f"{what}: two commits and {STATEMENTS} empty statements a school".capitalize()] = (
        f"{milliseconds(book)}; the run is {run / (floor + book):.2f} x the floor with these"
    )
    finding.figures[f"{what}: run".capitalize()] = f"{milliseconds(run)}, {pupils / run:,.0f} pupils a second"
    return run


def _floor(connection: Connection, schools: Sequence[School]) -> None:
    for base, pages in schools:
        _hash(pages)
        connection.execute("SELECT pupil_id, hashes FROM block_hash WHERE base_id = %s", [base.pk]).fetchall()


def _least_bookkeeping(connection: Connection, schools: Sequence[School]) -> None:
    for _ in schools:
        for _ in range(2):
            connection.execute("INSERT INTO bench_row VALUES (1)")
        for _ in range(STATEMENTS):
            connection.execute("SELECT 1").fetchone()


def _hash(pages: Pages) -> None:
    for each in pages.values():
        for page in each:
            xxhash.xxh3_128_digest(page)


def _collect_again(school: School) -> float:
    base, pages = school
    run_id = plan_snapshot(base)
    seconds = seconds_of(lambda: collect_run(run_id, pages))
    if status_of(run_id) != LogStatus.NOTHING_CHANGED.value:
        raise AssertionError("a snapshot without a change was not seen as one")
    return seconds


def _pupils_of(base: Base) -> int:
    with connect() as connection:
        row = connection.execute("SELECT count(*) FROM block_hash WHERE base_id = %s", [base.pk]).fetchone()
    assert row is not None
    return int(str(row[0]))


def _against_peer(connection: Connection, schools: Sequence[School], spent: float, finding: Finding) -> None:
    tables = register_rows(connection, [base.pk for base, _ in schools])
    with tempfile.TemporaryDirectory(prefix="sgb-") as folder:
        peer = Peer(Path(folder))
        peer.prepare(tables)
        peer.merge(tables)
        seconds = median_seconds(lambda: peer.merge(tables))
    if differing_rows(connection, list(tables)):
        raise AssertionError("the register and the peer's tables are not equal")
    finding.ratios.append(
        Ratio(
            "Nothing changed, times as fast as dlt",
            seconds / spent,
            PEER,
            is_at_most=False,
            explanation=(
                "The runs of the small schools are nearly all bookkeeping (see above), while dlt merges all "
                "schools at once and keeps no books."
            ),
        )
    )
    rows = sum(table.num_rows for table in tables.values())
    finding.figures["Dlt, merging all the schools' rows once more"] = (
        f"{milliseconds(seconds)}, {rows:,} rows"
    )
    finding.figures["The same schools' runs together"] = milliseconds(spent)
