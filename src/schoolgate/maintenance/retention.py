"""Carries out, once a day, the ages that the System defaults set: old file contents, old cached data."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import msgspec

from schoolgate.accounts.actions import forget_counts
from schoolgate.audit.actions import record_event
from schoolgate.authority.queries import defaults
from schoolgate.blocks.clearing import clear_cache
from schoolgate.files.retention import delete_contents

log = logging.getLogger(__name__)

MOST_FILES = 50_000


class Retained(msgspec.Struct, frozen=True, kw_only=True):
    """What a day's retention let go of."""

    files: int
    blocks: int


def retain(*, now: datetime) -> Retained:
    """Deletes what is older than the System defaults allow; an age of 0 keeps for ever.

    In many small transactions; stopped half-way, the next time goes on where this one ended.
    """
    set_ages = defaults()
    files = _delete_files(received_before=_before(now, set_ages.imported_files_days))
    before = _before(now, set_ages.cache_days)
    blocks = 0
    if before is not None:
        blocks = clear_cache(base_ids=None, groups=None, before=before, by=None, now=now).blocks
    if files:
        record_event("maintenance.files.deleted", now=now, details={"files": files})
    forget_counts(now=now)
    log.info("maintenance.retention.done files=%s blocks=%s", files, blocks)
    return Retained(files=files, blocks=blocks)


def _before(now: datetime, days: int) -> datetime | None:
    return now - timedelta(days=days) if days else None


def _delete_files(*, received_before: datetime | None) -> int:
    deleted = 0
    while received_before is not None and deleted < MOST_FILES:
        gone = delete_contents(received_before=received_before)
        if not gone:
            break
        deleted += gone
    return deleted
