"""Puts things of the invented cast aside for a person to decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests import cast
from tests.landing import keys

from schoolgate.bases.models import Base
from schoolgate.holding import rules
from schoolgate.holding.actions import put_aside
from schoolgate.holding.models import HeldEntry
from schoolgate.holding.rules import Waiting
from schoolgate.matching.models import ExternalId
from schoolgate_message.blocks import canonical, canonical_bytes, content_hash
from schoolgate_message.groups import ATTENDANCE, BY_NAME
from schoolgate_message.records import DayMarks, MatchKeys

SOURCE = "sims_primary"


def block(
    who: str | MatchKeys,
    group: str,
    content: Any,
    *,
    code: str = "match.doubted",
    read_at: datetime = cast.NOW,
    pupil_id: int | None = None,
) -> Waiting:
    """A block that waits."""
    found = BY_NAME[group]
    written = canonical(found, content)
    return Waiting(
        external_id=_keys(who).external_id,
        source=SOURCE,
        group=group,
        kind=rules.BLOCK,
        code=code,
        digest=content_hash(found, written),
        read_at=read_at,
        keys=_keys(who),
        content=canonical_bytes(written),
        pupil_id=pupil_id,
    )


def delete(who: str | MatchKeys, group: str, *, code: str = "delete.pupil", **told: Any) -> Waiting:
    """An explicit delete that waits."""
    return _without_content(who, group, kind=rules.DELETE, code=code, **told)


def absence(who: str | MatchKeys, **told: Any) -> Waiting:
    """A pupil missing from a complete roll."""
    return _without_content(who, rules.NO_GROUP, kind=rules.ABSENCE, code="roll.absent", **told)


def marks(who: str | MatchKeys, *days: DayMarks, read_at: datetime = cast.NOW) -> Waiting:
    """Marks of a doubted pupil."""
    content = rules.marks_content(days)
    return Waiting(
        external_id=_keys(who).external_id,
        source=SOURCE,
        group=ATTENDANCE,
        kind=rules.MARKS,
        code="match.doubted",
        digest=rules.marks_digest(content),
        read_at=read_at,
        keys=_keys(who),
        content=content,
    )


def put(base: Base, *waiting: Waiting, now: datetime = cast.NOW, run_id: int | None = None) -> HeldEntry:
    """Put these aside, and give the open entry of the last one's cause."""
    put_aside(waiting, base_id=base.pk, run_id=run_id, now=now)
    return HeldEntry.objects.get(base=base, code=waiting[-1].code, state="open")


def pupil_of(base: Base, who: str) -> int:
    """Our id of a pupil of the cast whom the base has sent."""
    return ExternalId.objects.get(base=base, external_id=keys(who).external_id).pupil_id


def _keys(who: str | MatchKeys) -> MatchKeys:
    return keys(who) if isinstance(who, str) else who


def _without_content(
    who: str | MatchKeys,
    group: str,
    *,
    kind: str,
    code: str,
    read_at: datetime = cast.NOW,
    pupil_id: int | None = None,
) -> Waiting:
    return Waiting(
        external_id=_keys(who).external_id,
        source=SOURCE,
        group=group,
        kind=kind,
        code=code,
        digest=rules.fixed_digest(kind),
        read_at=read_at,
        keys=_keys(who),
        pupil_id=pupil_id,
    )
