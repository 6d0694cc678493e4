"""Finds what a school's lists hold nothing of any more: the only telephone, the last need, deleted untold.

A source that doesn't tell of a deletion leaves the old rows in the register for ever, since a group that
isn't sent stays (see docs/adr/0007). So where a domain was read whole, who stands on the roll and has no row
in it any more, though something of the group had landed from this base, is asked about. Where the source
counts the domain itself, and lists others in it, the group's end is a deletion like one it tells; where it
doesn't count, a person decides. A list in which nobody of the roll is left, as where a permission was
withdrawn, is never believed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

import msgspec

from schoolgate.blocks.queries import said_of
from schoolgate.blocks.rules import Outcome
from schoolgate.collecting.reading import ReadDomain
from schoolgate.collecting.roll import Roll
from schoolgate.collecting.sieve import Sieve
from schoolgate.connectors.port import Domain
from schoolgate.holding.causes import GONE
from schoolgate.holding.rules import DELETE, Waiting, fixed_digest
from schoolgate.importing.admission import may_send
from schoolgate.pupils.queries import existing_blocks
from schoolgate.runs.rules import Problem
from schoolgate_message.groups import BASIC_DETAILS, BY_NAME, ENROLMENTS, IDENTIFIERS
from schoolgate_message.items import DataGroup
from schoolgate_message.records import MatchKeys
from schoolgate_message.roll_states import is_on_roll

_OF_THE_WHOLE_PUPIL = frozenset({IDENTIFIERS.name, BASIC_DETAILS.name, ENROLMENTS.name})
"""Without these a pupil is nobody: their end is always a person's to decide."""


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """A pupil of the roll of whom a list that was read whole has no row of a group any more."""

    external_id: str
    pupil_id: int
    group: str
    is_believed: bool

    @property
    def problem(self) -> Problem:
        """What the run tells of one that waits for a person."""
        return Problem(
            kind="held",
            code=GONE.code,
            sentence=GONE.sentence,
            remedy=GONE.remedy,
            pupil_id=self.pupil_id,
            external_id=self.external_id,
            group=self.group,
        )


def gone_from(
    domain: Domain, read: ReadDomain, *, seen: Collection[str], roll: Roll, sieve: Sieve, base_id: int
) -> list[Gone]:
    """What a whole reading of a domain lacks of pupils on the roll; ``seen`` are all pupils with a row in it.

    Nothing where nobody vouches for the list, or a row of it can't be read. What waits for a person already,
    or was refused, isn't found again, but that what waits is believed by now. A few statements where somebody
    lacks rows, none otherwise.
    """
    if not read.is_vouched or read.how_many_unplaced:
        return []
    is_somebody_left = any(roll.get(external_id) is not None for external_id in seen)
    found: list[Gone] = []
    for name in domain.groups:
        group = BY_NAME[name]
        is_believed = read.is_confirmed and is_somebody_left and name not in _OF_THE_WHOLE_PUPIL
        lacking = dict(_lacking(group, seen=seen, roll=roll, sieve=sieve))
        spoken = _spoken(group, lacking.values(), base_id=base_id, source=sieve.source)
        found += [
            Gone(external_id=external_id, pupil_id=pupil_id, group=name, is_believed=is_believed)
            for external_id, pupil_id in lacking.items()
            if pupil_id in spoken and sieve.may_ask_of_end(external_id, group, is_believed=is_believed)
        ]
    return found


def _lacking(
    group: DataGroup, *, seen: Collection[str], roll: Roll, sieve: Sieve
) -> Iterator[tuple[str, int]]:
    """Whose blocks of a group have landed from this base, and who has no row now."""
    for external_id, state in roll.cohort.items():
        if external_id in seen or not is_on_roll(state) or not may_send(group.name, state=state):
            continue
        known = sieve.known.get(external_id)
        if known is not None and sieve.has_landed_of(external_id, group):
            yield external_id, known.pupil_id


def _spoken(group: DataGroup, pupil_ids: Collection[int], *, base_id: int, source: str) -> set[int]:
    """Those of whom the register holds something of the group, for which this source was heard."""
    if not pupil_ids:
        return set()
    held, said = existing_blocks(group, pupil_ids, base_id), said_of(pupil_ids)
    heard = {Outcome.WRITTEN.value, Outcome.UNCHANGED.value}
    return {
        pupil_id
        for pupil_id in pupil_ids
        if held.get(pupil_id)
        and (own := said.get(pupil_id, {}).get((base_id, source))) is not None
        and own.outcomes[group.number - 1] in heard
    }


def as_waiting(gone: Gone, *, source: str, read_at: datetime, keys: MatchKeys) -> Waiting:
    """One that a person must decide, as it is put aside: the deletion of the group."""
    return Waiting(
        external_id=gone.external_id,
        source=source,
        group=gone.group,
        kind=DELETE,
        code=GONE.code,
        digest=fixed_digest(DELETE),
        read_at=read_at,
        keys=keys,
        pupil_id=gone.pupil_id,
    )
