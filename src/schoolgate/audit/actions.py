"""Writes the audit: changes of pupils' records by COPY, and events of people and the service.

Both are called inside the transaction that does the thing they tell of, so that neither can exist
without the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec
from django.db import connection

from schoolgate.audit.models import Event
from schoolgate.lib.bulk import FIELD, NULL, copy_lines, copying

_COLUMNS = (
    "at",
    "read_at",
    "pupil_id",
    "group",
    "kind",
    "before",
    "after",
    "base_id",
    "run_id",
    "file_id",
    "task_id",
    "user_id",
    "rules",
    "reason",
)


LINK = "link"
"""The group under which the audit keeps a pupil's links: added, changed (the roll's state) or ended.

A link that is added by the rule ``added`` is the making of the pupil.
"""
_PATCHES_AT_ONCE = 100

Patch = tuple[int, str, str]
"""One pupil's change where all changes are alike: pupil id, kind, and ``after`` as JSON."""


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What many changes of one data group have in common; see ``Change``."""

    at: datetime
    group: str
    reason: str
    read_at: datetime | None = None
    source: str | None = None
    base_id: int | None = None
    run_id: int | None = None
    file_id: int | None = None
    task_id: int | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One changed block of one pupil's record.

    ``kind`` is added, changed or removed; ``before`` and ``after`` are canonical JSON, ``None`` where
    there was or is nothing; ``reason`` names the rule or errand ("always import"), ``rules`` the rule of each
    item where several decided (JSON); ``read_at`` is when the content was read at its source, ``None`` where
    nobody knows or there is no source.
    """

    at: datetime
    pupil_id: int
    group: str
    kind: str
    reason: str
    read_at: datetime | None = None
    before: bytes | None = None
    after: bytes | None = None
    base_id: int | None = None
    run_id: int | None = None
    file_id: int | None = None
    task_id: int | None = None
    user_id: int | None = None
    rules: bytes | None = None


def record_changes(rows: Iterable[Change]) -> int:
    """Writes the changes in one COPY and answers how many; refuses to work outside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("changes are recorded in the transaction that makes them")
    with connection.cursor() as cursor:
        return copy_lines(cursor, "record_change", _COLUMNS, map(_line, rows))


def record_patches(patches: Iterable[Patch], *, errand: Errand) -> int:
    """Writes changes made by one errand, which are told apart by their pupil and what they put in.

    They may be made while they are written, so that the server takes them in meanwhile; then nothing else
    may be asked of it. Where there are none it is left in peace.

    The same as :func:`record_changes` with half its work; nothing is noted as ``before``. What the JSON
    holds is codes and days and the errand's words are our own, so that only backslashes need care.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("changes are recorded in the transaction that makes them")
    waiting = iter(patches)
    some = list(islice(waiting, _PATCHES_AT_ONCE))
    if not some:
        return 0
    alike = {name: str(value) for name, value in msgspec.structs.asdict(errand).items() if value is not None}
    columns = ", ".join(f'"{name}"' for name in (*alike, "pupil_id", "kind", "after"))
    head = "\t".join(alike.values())
    statement = f"COPY record_change ({columns}) FROM STDIN"
    written = 0
    with connection.cursor() as cursor, copying(cursor, statement) as copy:
        while some:
            lines = [f"{head}\t{pupil_id}\t{kind}\t{after}\n" for pupil_id, kind, after in some]
            copy.write("".join(lines).replace("\\", "\\\\"))
            written += len(some)
            some = list(islice(waiting, _PATCHES_AT_ONCE))
    return written


@lru_cache(maxsize=16)
def _in_words(at: datetime | None) -> str:
    """The instants of changes: those of a landing, tens of thousands of them, have one and the same."""
    return NULL if at is None else at.isoformat()


@lru_cache(maxsize=64)
def _places(*ids: int | None) -> str:
    """Base, run, file, task and user; those of a landing's changes are the same too."""
    return FIELD.join([NULL if each is None else str(each) for each in ids])


def _line(change: Change) -> str:
    return FIELD.join(
        (
            _in_words(change.at),
            _in_words(change.read_at),
            str(change.pupil_id),
            change.group,
            change.kind,
            NULL if change.before is None else change.before.decode(),
            NULL if change.after is None else change.after.decode(),
            _places(change.base_id, change.run_id, change.file_id, change.task_id, change.user_id),
            NULL if change.rules is None else change.rules.decode(),
            change.reason,
        )
    )


def record_event(
    name: str,
    *,
    now: datetime,
    user_id: int | None = None,
    base_id: int | None = None,
    subject_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Notes that a person (or, without ``user_id``, the service) did something outside a record.

    ``name`` is ``room.subject.verb``; ``details`` hold ids and names of settings, never a secret and
    never a child's data.
    """
    Event.objects.create(
        at=now,
        name=name,
        user_id=user_id,
        base_id=base_id,
        subject_id=subject_id,
        details=dict(details or {}),
    )
