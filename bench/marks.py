"""Attendance as one string a pupil and year, held against a row a mark: merging, counting, keeping.

The rows get what a careful design would give them: a primary key that is also the way they are asked for,
one pipelined stream of upserts in one transaction, statistics in one statement. The strings' side does all
that a landing does, the audit included. It is measured against what limits it: the strings and the audit rows
that a merge wrote, known beforehand and written by two bare statements to tables of the same kind. How it
compares with the rows is told beside that.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg
from bench.findings import ROUNDS, Finding, Ratio, median_seconds, milliseconds, seconds_of
from bench.installation import clean_statistics, connect
from django.db import transaction

from schoolgate.attendance.actions import merge_marks
from schoolgate.attendance.queries import statistics as counts_of
from schoolgate.authority.actions import ensure_authority
from schoolgate.bases.actions import create_base
from schoolgate.codes.attendance import CODES, MarkClass
from schoolgate.pupils.actions import add_pupils
from schoolgate_message.records import DayMarks

PUPILS = 2000
FIRST_ON, LAST_ON = date(2025, 9, 1), date(2026, 7, 21)
HOLIDAYS = (
    (date(2025, 10, 27), date(2025, 10, 31)),
    (date(2025, 12, 20), date(2026, 1, 4)),
    (date(2026, 2, 16), date(2026, 2, 20)),
    (date(2026, 3, 30), date(2026, 4, 12)),
    (date(2026, 5, 25), date(2026, 5, 29)),
)
SPANS = {"day": 1, "fortnight": 10, "term": 30}
"""How many school days of marks a run brings."""
MOST = {"day": 1.4, "fortnight": 1.6, "term": 1.6}
"""How many times as long as the bare writing a merge may take."""
CORRECTED_SHARE = 0.02
CODES_SENT = ("/", "L", "I", "M", "O", "B", "C1", "V", "N")
SHARES = (90, 2, 3, 1, 1.5, 0.5, 0.5, 1, 0.5)
NOW = datetime(2026, 7, 22, 6, tzinfo=UTC)

Connection = psycopg.Connection[tuple[object, ...]]
Sent = dict[int, list[DayMarks]]
MarkRow = tuple[int, int, str, str, str]

_TABLE = """
CREATE TABLE mark (
    pupil_id bigint, base_id bigint, marked_on date, session text, code text,
    PRIMARY KEY (pupil_id, base_id, marked_on, session)
)
"""
_UPSERT = """
INSERT INTO mark (pupil_id, base_id, marked_on, session, code) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (pupil_id, base_id, marked_on, session) DO UPDATE SET code = excluded.code
"""
_BARE_TABLES = """
CREATE TABLE bare_year (LIKE attendance_year INCLUDING ALL);
CREATE TABLE bare_change (LIKE record_change INCLUDING ALL);
DO $$ BEGIN EXECUTE (
    SELECT format('ALTER TABLE bare_year SET (%s)', array_to_string(reloptions, ','))
    FROM pg_class WHERE oid = 'attendance_year'::regclass
); END $$;
INSERT INTO bare_year SELECT * FROM attendance_year;
INSERT INTO bare_change OVERRIDING SYSTEM VALUE SELECT * FROM record_change;
SELECT setval(pg_get_serial_sequence('bare_change', 'id'), max(id)) FROM bare_change
"""
_BARE_UPDATE = """
UPDATE bare_year AS held SET marks = sent.marks, run_id = 1, written_at = %s, read_at = %s
FROM unnest(%s::bigint[], string_to_array(%s, ',')) AS sent (id, marks) WHERE held.id = sent.id
"""
_CHANGE_COLUMNS = 'at, read_at, pupil_id, "group", kind, after, base_id, run_id, file_id, reason'
_COUNT = """
SELECT pupil_id,
    count(*) FILTER (WHERE code = ANY(%(attended)s)), count(*) FILTER (WHERE code = ANY(%(authorised)s)),
    count(*) FILTER (WHERE code = ANY(%(unauthorised)s)), count(*) FILTER (WHERE code = ANY(%(late)s))
FROM mark WHERE base_id = %(base_id)s AND marked_on >= %(from_on)s AND marked_on < %(until_on)s
GROUP BY pupil_id
"""


def measure() -> Finding:
    """Fill both sides alike, then merge a day, a fortnight and a term, count, and weigh."""
    finding = Finding(
        title="Marks as strings",
        method=(
            f"{PUPILS:,} pupils of one school. Half a year of marks is there already, on one side a string a "
            "pupil and year, on the other a row a mark. Then come new marks, with some corrections of old "
            "ones: a day's, a fortnight's, and a term's, as a school's first run after its move brings them. "
            "Then every pupil's attendance is counted over the year."
        ),
    )
    with connect() as connection:
        connection.execute(_TABLE)
        race = _Race(connection)
        race.fill()
        for what, days in SPANS.items():
            _merging(race, what, days, finding)
        finding.ratios.append(_storage(connection, finding))
        clean_statistics()
        _counting(connection, race.base_id, finding)
    return finding


class _Race:
    """The two sides, the days that are there and the days still to come."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.base_id, self._pupil_ids = _school()
        self._chance = random.Random(8201)
        days = [FIRST_ON + timedelta(days=number) for number in range((LAST_ON - FIRST_ON).days)]
        days = [day for day in days if day.weekday() < 5 and not _is_holiday(day)]
        coming = ROUNDS * sum(SPANS.values())
        self._history, self._coming = days[:-coming], days[-coming:]

    def fill(self) -> None:
        """Put the past on both sides."""
        sent = self._marks(self._history)
        _merge(sent, self.base_id)
        with self.connection.cursor().copy("COPY mark FROM STDIN") as copy:
            for row in _rows(sent, self.base_id):
                copy.write_row(row)
        self.connection.execute(_BARE_TABLES)

    def next_marks(self, days: int) -> Sent:
        """The marks of the next days, and some corrections of old ones."""
        new, self._coming = self._coming[:days], self._coming[days:]
        sent = self._marks(new)
        number = max(1, round(days * CORRECTED_SHARE * 10))
        for pupil_id in self._chance.sample(self._pupil_ids, PUPILS // 4):
            old = sorted(self._chance.sample(self._history, number))
            sent[pupil_id][:0] = [DayMarks(on=day.isoformat(), am=self._chance.choice("IO")) for day in old]
        return sent

    def _marks(self, days: list[date]) -> Sent:
        sent: Sent = {}
        for pupil_id in self._pupil_ids:
            codes = self._chance.choices(CODES_SENT, SHARES, k=len(days) * 2)
            sent[pupil_id] = [
                DayMarks(
                    on=day.isoformat(), am=codes[2 * number], pm=codes[2 * number + 1].replace("/", "\\")
                )
                for number, day in enumerate(days)
            ]
        return sent


def _is_holiday(day: date) -> bool:
    return any(first_on <= day <= last_on for first_on, last_on in HOLIDAYS)


def _school() -> tuple[int, list[int]]:
    ensure_authority(la_number="820", name="Invented Council", is_demo=True, now=NOW)
    base = create_base(dfe_number="8201001", name="Invented School", by=None, now=NOW)
    with transaction.atomic():
        return base.pk, add_pupils(PUPILS, run_id=None, now=NOW)


def _rows(sent: Sent, base_id: int) -> Iterator[MarkRow]:
    for pupil_id, days in sent.items():
        for day in days:
            for session, code in (("AM", day.am), ("PM", day.pm)):
                if code is not None:
                    yield pupil_id, base_id, day.on, session, code


def _merge(sent: Sent, base_id: int) -> None:
    with transaction.atomic():
        outcome = merge_marks(
            base_id=base_id, run_id=1, file_id=1, task_id=None, marks=sent, read_at=NOW, now=NOW
        )
    if outcome.refused:
        raise AssertionError("a made mark was refused")


def _storage(connection: Connection, finding: Finding) -> Ratio:
    """The tables with their indexes at the end of the year, both packed anew."""
    sizes = []
    for table in ("attendance_year", "mark"):
        connection.execute(f"VACUUM FULL ANALYZE {table}")
        row = connection.execute("SELECT pg_total_relation_size(%s::regclass)", [table]).fetchone()
        assert row is not None
        sizes.append(int(str(row[0])))
    strings, rows = sizes
    finding.figures["Storage, strings"] = f"{strings / 2**20:.1f} MiB"
    finding.figures["Storage, a row a mark"] = f"{rows / 2**20:.1f} MiB"
    return Ratio(
        "Storage of strings, share of a row a mark", strings / rows * 100, 5, is_at_most=True, unit="%"
    )


def _merging(race: _Race, what: str, days: int, finding: Finding) -> None:
    strings, rows, bare, marks = [], [], [], 0
    for _ in range(ROUNDS):
        sent = race.next_marks(days)
        strings.append(seconds_of(lambda sent=sent: _merge(sent, race.base_id)))
        bare.append(seconds_of(_bare(race.connection)))
        upserts = list(_rows(sent, race.base_id))
        marks = len(upserts)
        rows.append(seconds_of(lambda upserts=upserts: _upsert(race.connection, upserts)))
    finding.ratios.append(
        Ratio(
            f"A {what}'s changed marks, against writing the same strings and audit rows bare",
            _times(strings, bare),
            MOST[what],
            is_at_most=True,
            explanation=(
                "What a merge does beyond the writing: each mark sent is looked at, a place is found to be "
                "blank or the string is read, and the patch is put together. The process and its database "
                "take turns in that, but for the patches, which are made while the audit takes them in."
            ),
        )
    )
    finding.figures[f"A {what}'s marks, corrections included"] = f"{marks:,}"
    finding.figures[f"A {what}'s marks merged into strings"] = _rate(strings, marks)
    finding.figures[f"A {what}'s strings and audit rows written bare"] = milliseconds(statistics.median(bare))
    finding.figures[f"A {what}'s marks upserted as rows, without an audit"] = (
        f"{_rate(rows, marks)}; the merge is {_times(rows, strings):.1f} times as fast"
    )


def _times(one: list[float], other: list[float]) -> float:
    """How many times as long one takes as the other, round by round."""
    return statistics.median(each / beside for each, beside in zip(one, other, strict=True))


def _upsert(connection: Connection, rows: list[MarkRow]) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(_UPSERT, rows)


def _bare(connection: Connection) -> Callable[[], None]:
    """The writing of what the last merge wrote: its strings and audit rows, made ready here."""
    held = connection.execute(
        "SELECT y.id::text, y.marks FROM attendance_year y JOIN bare_year b USING (id) "
        "WHERE y.marks <> b.marks ORDER BY y.id"
    ).fetchall()
    ids = "{" + ",".join(str(row_id) for row_id, _ in held) + "}"
    strings = ",".join(str(marks) for _, marks in held)
    with connection.cursor().copy(
        f"COPY (SELECT {_CHANGE_COLUMNS} FROM record_change "
        "WHERE id > (SELECT max(id) FROM bare_change) ORDER BY id) TO STDOUT"
    ) as copy:
        changes = b"".join(bytes(data) for data in copy)

    def write() -> None:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(_BARE_UPDATE, [NOW, NOW, ids, strings])
            with cursor.copy(f"COPY bare_change ({_CHANGE_COLUMNS}) FROM STDIN") as copy:
                copy.write(changes)

    return write


def _rate(seconds: list[float], marks: int) -> str:
    median = statistics.median(seconds)
    return f"{milliseconds(median)}, {marks / median:,.0f} marks a second"


def _counting(connection: Connection, base_id: int, finding: Finding) -> None:
    values = {
        "base_id": base_id,
        "from_on": FIRST_ON,
        "until_on": LAST_ON,
        "attended": [code for code, each in CODES.items() if each.mark_class.is_attended],
        "authorised": [
            code for code, each in CODES.items() if each.mark_class is MarkClass.AUTHORISED_ABSENCE
        ],
        "unauthorised": [
            code for code, each in CODES.items() if each.mark_class is MarkClass.UNAUTHORISED_ABSENCE
        ],
        "late": ["L", "U"],
    }
    from_rows = {row[0]: row[1:] for row in connection.execute(_COUNT, values)}
    counted = counts_of(base_id, from_on=FIRST_ON, until_on=LAST_ON)
    from_strings = {
        pupil_id: (each.attended, each.authorised, each.unauthorised, each.late)
        for pupil_id, each in counted.items()
    }
    if from_rows != from_strings:
        raise AssertionError("strings and rows count differently")
    strings = median_seconds(lambda: counts_of(base_id, from_on=FIRST_ON, until_on=LAST_ON))
    rows = median_seconds(lambda: connection.execute(_COUNT, values).fetchall())
    finding.ratios.append(
        Ratio(
            "Statistics over strings, faster than over rows",
            rows / strings,
            10,
            is_at_most=False,
            explanation=(
                "About half of the time is fetching the strings; the rest is taking out characters and "
                "counting what is left, all strings in one text, a few microseconds a pupil. Inside "
                "PostgreSQL it took ten times as long."
            ),
        )
    )
    finding.figures["Attendance of every pupil counted from strings"] = milliseconds(strings)
    finding.figures["Attendance of every pupil counted from rows"] = milliseconds(rows)
