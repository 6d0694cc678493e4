"""Decisions about runs: the books, the statuses, what "since" means, how long to back off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from schoolgate.runs.states import LastRunStatus, LogStatus, Stage
from schoolgate_message.data_types import DataType

LONGEST_BACK_OFF = timedelta(hours=1)
MOST_RETRIES = 11
"""Temporary faults a run bears: 2 s doubling to an hour, together about two hours."""


class Terms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The books of one data group: blocks, or for attendance marks, each counted once."""

    received: int = 0
    left_out: int = 0
    unchanged: int = 0
    written: int = 0
    in_conflict: int = 0
    unmatched: int = 0
    ignored: int = 0
    refused: int = 0

    def balances(self) -> bool:
        """Whether what was received equals the sum of what became of it."""
        return self.received == self.accounted_for

    @property
    def accounted_for(self) -> int:
        """The sum of all terms but received."""
        return (
            self.left_out
            + self.unchanged
            + self.written
            + self.in_conflict
            + self.unmatched
            + self.ignored
            + self.refused
        )

    def __add__(self, other: Terms) -> Terms:
        return Terms(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})


class RowTerms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The books of the rows of one of the source's domains, which come before those of the blocks.

    ``became`` are rows that went into blocks or marks, ``beside`` those for which another row spoke where one
    is kept, ``unreadable`` those that can't be read or don't say whose they are.
    """

    received: int = 0
    became: int = 0
    left_out: int = 0
    refused: int = 0
    unreadable: int = 0
    beside: int = 0

    def balances(self) -> bool:
        """Whether what was received equals the sum of what became of it."""
        return self.received == self.accounted_for

    @property
    def accounted_for(self) -> int:
        """The sum of all terms but received."""
        return self.became + self.left_out + self.refused + self.unreadable + self.beside


class ItemFate(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one item, beside its block; the fields of ``runs.models.RunItem``."""

    pupil_id: int
    external_id: str
    group: str
    item: str
    fate: str
    rule: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One exception of a run as it is handed in; the fields of ``runs.models.RunException``."""

    kind: str
    code: str
    sentence: str
    remedy: str = ""
    pupil_id: int | None = None
    external_id: str = ""
    group: str = ""
    item: str = ""
    line: int | None = None
    details: dict[str, object] = msgspec.field(default_factory=dict)


class ReadFrom(msgspec.Struct, frozen=True, kw_only=True):
    """What "changed" is counted from; ``lost_from`` is set when the source no longer reaches that far."""

    since_at: datetime | None
    lost_from: datetime | None = None


def unbalanced(accounts: Mapping[str, Terms] | Mapping[str, RowTerms]) -> list[str]:
    """The data groups, or the domains, whose books do not balance."""
    return sorted(group for group, terms in accounts.items() if not terms.balances())


def stage_to_do(*, has_intake: bool) -> Stage:
    """What comes next for a run that has not ended: what was taken in has to land, else there is to read."""
    return Stage.LANDING if has_intake else Stage.COLLECTING


def log_status(accounts: Iterable[Terms], *, has_files: bool, has_problems: bool) -> LogStatus:
    """How the task log calls a run that landed."""
    if has_problems or any(each.in_conflict or each.unmatched or each.refused for each in accounts):
        return LogStatus.EXPORTED_WITH_EXCEPTIONS
    return LogStatus.SUCCESSFULLY_EXPORTED if has_files else LogStatus.NOTHING_CHANGED


def last_run_status(
    *, stage: Stage | None, status: str, due_at: datetime | None, now: datetime, buffer: timedelta
) -> LastRunStatus | None:
    """How the last run is called beside its task.

    ``stage`` and ``status`` are the newest run's, ``None`` where there is none; ``due_at`` is when that
    run, or an occurrence nobody planned yet, was due. ``None``: it never ran and is not due.
    """
    if stage in {Stage.COLLECTING, Stage.LANDING}:
        return LastRunStatus.RUNNING
    if stage in {Stage.DUE, Stage.WAITING, None}:
        if due_at is None or due_at > now:
            return None
        return LastRunStatus.PENDING if now - due_at <= buffer else LastRunStatus.MISSED
    if stage is Stage.CANCELLED:
        return LastRunStatus.MISSED
    if stage is Stage.FAILED:
        return LastRunStatus.FAILED
    if status == LogStatus.NOTHING_CHANGED.value:
        return LastRunStatus.NOTHING_CHANGED
    return LastRunStatus.SUCCESSFUL


def since(
    *,
    data_type: str,
    last_success_at: datetime | None,
    moved_at: datetime | None,
    reach: timedelta | None,
    now: datetime,
) -> ReadFrom:
    """What a run reads from (DESIGN: promise 5).

    ``reach`` is how far back the source answers, ``None`` where nobody knows. A snapshot reads everything.
    The first changed-data run reads everything, or from the move to its source where that reaches
    back to it; attendance, which has no other way to be read, begins at the move or as far back as the
    source reaches. After a move the move counts, not an older success. A success longer ago than the
    source remembers is reported in ``lost_from``.
    """
    if data_type == DataType.SNAPSHOT.value:
        return ReadFrom(since_at=None)
    earliest = None if reach is None else now - reach
    if last_success_at is None:
        if moved_at is not None and (earliest is None or moved_at >= earliest):
            return ReadFrom(since_at=moved_at)
        is_attendance = data_type == DataType.ATTENDANCE_CHANGED_DATA.value
        return ReadFrom(since_at=earliest if is_attendance else None)
    wanted = last_success_at if moved_at is None else max(last_success_at, moved_at)
    if earliest is not None and wanted < earliest:
        return ReadFrom(since_at=earliest, lost_from=wanted)
    return ReadFrom(since_at=wanted)


def gap(lost_from: datetime, since_at: datetime) -> Problem:
    """The exception of a run that could not reach back to the last success."""
    return Problem(
        kind="gap",
        code="since.gap",
        sentence=(
            f"Changes from {_day(lost_from)} to {_day(since_at)} could not be read: "
            "the source keeps its changes no longer."
        ),
        remedy="Run a snapshot of this base; it reads everything.",
    )


def _day(instant: datetime) -> str:
    return f"{instant.day} {instant:%B %Y}"


def gives_up(retries: int) -> bool:
    """Whether a run has borne all the temporary faults it may."""
    return retries >= MOST_RETRIES


def back_off(retries: int) -> timedelta:
    """How long to wait after so many temporary faults: 2 seconds, doubling, an hour at most."""
    return min(timedelta(seconds=2 ** min(retries + 1, 12)), LONGEST_BACK_OFF)


def exception_details(problems: Iterable[Problem]) -> str:
    """The task log's words for what went wrong: what to do first, then why, then how many more."""
    counted: dict[tuple[str, str], int] = {}
    for problem in problems:
        key = (problem.remedy, problem.sentence)
        counted[key] = counted.get(key, 0) + 1
    parts = [
        " ".join(part for part in (remedy, sentence, f"({count} times)" if count > 1 else "") if part)
        for (remedy, sentence), count in list(counted.items())[:3]
    ]
    if len(counted) > len(parts):
        parts.append(f"And {len(counted) - len(parts)} more kinds of exception.")
    return " ".join(parts)[:1000]


def left_over(accounts: Iterable[Terms]) -> str:
    """What waits for a person after a run, in words; empty when nothing does."""
    every = list(accounts)
    counts = (
        (sum(each.refused for each in every), "refused"),
        (sum(each.in_conflict for each in every), "in conflict"),
        (sum(each.unmatched for each in every), "unmatched"),
    )
    parts = [f"{count} {word}" for count, word in counts if count]
    return f"Open the run and decide: {', '.join(parts)}." if parts else ""
