"""The outcomes that need no look at the items: ignored, waiting, refused; and what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from schoolgate.holding.causes import Cause
from schoolgate.importing import checks
from schoolgate.importing.arrivals import Arrival
from schoolgate.importing.outcomes import Outcome
from schoolgate.importing.registrations import SENTENCES
from schoolgate.importing.rules import Decision, Fate
from schoolgate.lib.clock import london_day
from schoolgate.runs.rules import Problem
from schoolgate_message import groups
from schoolgate_message.items import DataGroup

NEWER_IS_HELD = "rule.newer_is_held"
SUPERSEDED = "rule.superseded"
SENT_TWICE = "message.sent_twice"
DELETED_AFTER_LEAVING = "delete.after_leaving"
STILL_WAITING = "held.known"

WORDS = SENTENCES | {
    NEWER_IS_HELD: "The register holds what was read at the source later than this.",
    SUPERSEDED: "The school sends the pupil under another id as well, which is on its roll and speaks.",
    DELETED_AFTER_LEAVING: "The school deleted what it held of a pupil who has left it; the record stays.",
}
"""What an ignored block is called before an officer."""


def ignored(
    group: DataGroup,
    arrival: Arrival,
    code: str,
    *,
    digest: bytes | None = None,
    is_told: bool = True,
    is_settled: bool = True,
) -> Outcome:
    """A block that is left alone for a reason; ``is_told`` where somebody may want to look at it."""
    told = Problem(
        kind="ignored",
        code=code,
        sentence=WORDS[code],
        pupil_id=arrival.pupil_id,
        external_id=arrival.external_id,
        group=group.name,
    )
    return Outcome(
        arrival=arrival,
        group=group,
        fate=Fate.IGNORED,
        rule=code,
        digest=digest,
        is_settled=is_settled,
        problems=(told,) if is_told else (),
    )


def still_waiting(group: DataGroup, arrival: Arrival) -> Outcome:
    """The very content that waits for a person, or that one refused: it is not told again."""
    return Outcome(arrival=arrival, group=group, fate=Fate.UNCHANGED, rule=STILL_WAITING)


def waiting(group: DataGroup, arrival: Arrival, cause: Cause, *, digest: bytes, sent: bytes = b"") -> Outcome:
    """A block, or a delete, that is kept for a person; ``sent`` are a block's canonical bytes."""
    told = Problem(
        kind="held",
        code=cause.code,
        sentence=cause.sentence,
        remedy=cause.remedy,
        pupil_id=arrival.pupil_id,
        external_id=arrival.external_id,
        group=group.name,
    )
    return Outcome(
        arrival=arrival,
        group=group,
        fate=Fate.IN_CONFLICT,
        rule=cause.code,
        digest=digest,
        waits=cause.code,
        sent=sent,
        is_settled=False,
        problems=(told,),
    )


def refused(group: DataGroup, arrival: Arrival, refusals: Sequence[checks.Refusal]) -> Outcome:
    """A block that its values keep out, each with what to mend."""
    problems = tuple(
        Problem(
            kind="refused",
            pupil_id=arrival.pupil_id,
            external_id=arrival.external_id,
            group=group.name,
            **msgspec.structs.asdict(each),
        )
        for each in refusals
    )
    return Outcome(
        arrival=arrival,
        group=group,
        fate=Fate.REFUSED,
        rule=refusals[0].code,
        is_settled=False,
        problems=problems,
    )


def sent_twice(group: DataGroup, arrival: Arrival) -> Outcome:
    """A block that the same message brought before, with other content."""
    return refused(group, arrival, [_twice(group)])


def told_twice(pupil_id: int | None, external_id: str, group: DataGroup) -> Problem:
    """The same of a pupil whose blocks wait until a person has said who it is."""
    return Problem(
        kind="refused",
        pupil_id=pupil_id,
        external_id=external_id,
        group=group.name,
        **msgspec.structs.asdict(_twice(group)),
    )


def _twice(group: DataGroup) -> checks.Refusal:
    return checks.Refusal(
        item="",
        code=SENT_TWICE,
        sentence=f"{group.label}: the message holds it twice for this pupil, with different content.",
        remedy="The first was taken. Ask the maker of the message which of the two is right.",
    )


def upn_refusal(arrival: Arrival) -> Problem:
    """What is told of a UPN that is another pupil's."""
    return Problem(
        kind="refused",
        pupil_id=arrival.pupil_id,
        external_id=arrival.external_id,
        group=groups.IDENTIFIERS.name,
        **msgspec.structs.asdict(checks.UPN_HELD),
    )


def warnings(
    group: DataGroup, arrival: Arrival, decision: Decision, *, read_at: datetime
) -> tuple[Problem, ...]:
    """What is told of values that land all the same: a UPN that fails its check, a birth out of time."""
    if group is groups.IDENTIFIERS and checks.has_wrong_upn(decision.after):
        found = checks.WRONG_UPN
    elif group is groups.BASIC_DETAILS and checks.has_birth_out_of_time(decision.after, london_day(read_at)):
        found = checks.BIRTH_OUT_OF_TIME
    else:
        return ()
    return (
        Problem(
            kind="warning",
            pupil_id=arrival.pupil_id,
            external_id=arrival.external_id,
            group=group.name,
            **msgspec.structs.asdict(found),
        ),
    )
