"""Writes what was decided: register, audit, cache of hashes, outstanding list; counts each block once.

A batch's outcomes come group by group, so that the server takes one group's rows in while the next is being
decided; what goes with all of them is written once, at the end of the batch. Everything belongs to the
transaction of the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec

from schoolgate.audit.actions import Change, record_changes
from schoolgate.blocks.actions import forget, note_outstanding, remember, settle_outstanding
from schoolgate.blocks.rules import Outcome as Remembrance
from schoolgate.blocks.rules import Remembered
from schoolgate.importing import checks
from schoolgate.importing.arrivals import Arrival
from schoolgate.importing.circumstances import Facts
from schoolgate.importing.outcomes import Outcome
from schoolgate.importing.registrations import NOT_MAIN, NOT_ON_ROLL, OTHER_SOURCE
from schoolgate.importing.rules import Fate
from schoolgate.importing.tally import Tally
from schoolgate.pupils.actions import Source, remove_blocks, write_blocks
from schoolgate.pupils.columns import PERSON_GROUPS
from schoolgate_message import groups
from schoolgate_message.blocks import Content, Row, canonical_bytes
from schoolgate_message.items import DataGroup
from schoolgate_message.records import MatchKeys

BY_MATCH_KEYS = "added with match keys"
SEVERAL_RULES = "several rules"
NO_RULES: Mapping[str, str] = {}
_REMEMBRANCES = {
    Fate.UNCHANGED: Remembrance.UNCHANGED,
    Fate.IGNORED: Remembrance.IGNORED,
    Fate.WRITTEN: Remembrance.WRITTEN,
}
_SILENCES = {
    NOT_ON_ROLL: Remembrance.UNHEARD,
    NOT_MAIN: Remembrance.UNHEARD,
    OTHER_SOURCE: Remembrance.OTHER_SOURCE,
}
"""How what another base, or another source, speaks for is remembered."""


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """On whose behalf a file lands: what every audit row says. ``read_at``: when its content was read."""

    base_id: int
    run_id: int
    file_id: int
    task_id: int | None
    user_id: int | None
    now: datetime
    read_at: datetime


class Writing:
    """The writing of one batch: each group's outcomes, then what goes with them all."""

    def __init__(
        self,
        errand: Errand,
        facts: Facts,
        *,
        tally: Tally,
        elsewhere: Collection[int],
        beside: Collection[int],
    ) -> None:
        """Of pupils whom other bases (``elsewhere``) or other sources of this one (``beside``) know too, what
        those remember may have to go.
        """
        self._errand = errand
        self._facts = facts
        self._elsewhere = elsewhere
        self._beside = beside
        self._tally = tally
        self._source = Source(base_id=errand.base_id, run_id=errand.run_id, written_at=errand.now)
        self._changes: list[Change] = []
        self._hashes: dict[int, dict[int, Remembered]] = defaultdict(dict)
        self._forgotten: dict[str, list[int]] = defaultdict(list)
        self._changed: dict[str, list[int]] = defaultdict(list)

    def write_group(
        self,
        group: DataGroup,
        outcomes: Sequence[Outcome],
        *,
        existing: Mapping[int, Content],
        new: Sequence[Arrival],
    ) -> None:
        """Bring one group of the register to what was decided. ``new`` are the batch's new pupils."""
        added: dict[int, Content] = {}
        changed: dict[int, Content] = {}
        removed: list[int] = []
        for outcome in outcomes:
            self._account(group, outcome)
            if not outcome.kind:
                continue
            pupil_id = outcome.arrival.pupil_id
            self._audit(group, outcome)
            if not outcome.content:
                removed.append(pupil_id)
            elif pupil_id in existing:
                changed[pupil_id] = outcome.content
            else:
                added[pupil_id] = outcome.content
        self._add_keys(group, added, new)
        remove_blocks(group, pupil_ids=removed, base_id=self._errand.base_id)
        if added or changed:
            write_blocks(group, added=added, changed=changed, source=self._source)

    def finish(self, *, new_pupils: Collection[int]) -> None:
        """Write what goes with all groups: audit, hashes, and the outstanding list."""
        errand, tally = self._errand, self._tally
        record_changes(self._changes)
        self._keep_hashes(new_pupils)
        base_id, source = errand.base_id, self._facts.source
        note_outstanding(
            tally.outstanding, base_id=base_id, source=source, run_id=errand.run_id, now=errand.now
        )
        settle_outstanding(tally.settled, base_id=base_id, source=source)
        tally.outstanding.clear()
        tally.settled.clear()

    def _account(self, group: DataGroup, outcome: Outcome) -> None:
        """Count the block, and note what is to be remembered or forgotten of it."""
        pupil_id = outcome.arrival.pupil_id
        self._tally.take(outcome)
        remembrance = _SILENCES.get(outcome.rule) or _REMEMBRANCES.get(outcome.fate)
        read_at = self._facts.read_at_of(outcome.pair) if outcome.speaks else None
        if outcome.was_removed:
            self._forgotten[group.name].append(pupil_id)
            self._hashes[pupil_id][group.number] = Remembered(None, Remembrance.WRITTEN, read_at)
        elif outcome.digest is not None and remembrance is not None:
            self._hashes[pupil_id][group.number] = Remembered(outcome.digest, remembrance, read_at)
        elif outcome.fate in {Fate.REFUSED, Fate.IN_CONFLICT}:
            self._forgotten[group.name].append(pupil_id)

    def _audit(self, group: DataGroup, outcome: Outcome) -> None:
        self._note_change(
            group,
            outcome.arrival,
            kind=outcome.kind,
            before=outcome.before,
            after=outcome.after,
            reason=self._reason(outcome),
            rules=outcome.rules,
        )

    def _reason(self, outcome: Outcome) -> str:
        return SEVERAL_RULES if outcome.rules else outcome.rule

    def _note_change(
        self,
        group: DataGroup,
        arrival: Arrival,
        *,
        kind: str,
        before: bytes | None,
        after: bytes | None,
        reason: str,
        rules: Mapping[str, str] = NO_RULES,
    ) -> None:
        """Note a change; ``before`` and ``after`` are canonical bytes."""
        errand = self._errand
        self._changes.append(
            Change(
                at=errand.now,
                pupil_id=arrival.pupil_id,
                group=group.name,
                kind=kind,
                reason=reason,
                before=before,
                after=after,
                base_id=errand.base_id,
                run_id=errand.run_id,
                file_id=errand.file_id,
                task_id=errand.task_id,
                user_id=errand.user_id,
                read_at=errand.read_at,
                rules=msgspec.json.encode(rules) if rules else None,
            )
        )
        self._tally.written_groups.add(group.name)
        self._tally.written_ids.add(arrival.external_id)
        if not arrival.is_new:
            self._changed[group.name].append(arrival.pupil_id)

    def _add_keys(self, group: DataGroup, added: dict[int, Content], new: Sequence[Arrival]) -> None:
        """A new pupil whose identifiers or details did not land is held by the match keys at least."""
        if group not in (groups.IDENTIFIERS, groups.BASIC_DETAILS):
            return
        for arrival in new:
            if arrival.pupil_id in added:
                continue
            content = _content_of_keys(group, arrival.pupil.keys)
            if content:
                added[arrival.pupil_id] = content
                after = canonical_bytes(content)
                self._note_change(
                    group, arrival, kind="added", before=None, after=after, reason=BY_MATCH_KEYS
                )

    def _keep_hashes(self, new_pupils: Collection[int]) -> None:
        """Remember what landed; forget what did not, and what others hold of the parts written."""
        base_id, source, now = self._errand.base_id, self._facts.source, self._errand.now
        for name, pupil_ids in self._forgotten.items():
            forget(pupil_ids=pupil_ids, groups=[name], base_id=base_id, source=source, now=now)
        remember(base_id=base_id, source=source, landed=self._hashes, new_pupils=new_pupils, now=now)
        for name, pupil_ids in self._changed.items():
            is_of_person = name in PERSON_GROUPS
            shared = [
                each
                for each in pupil_ids
                if each in self._beside or (is_of_person and each in self._elsewhere)
            ]
            where = None if is_of_person else base_id
            forget(pupil_ids=shared, groups=[name], base_id=where, but=(base_id, source), now=now)


def _content_of_keys(group: DataGroup, keys: MatchKeys) -> Row:
    sent = msgspec.structs.asdict(keys)
    content: Row = {name: sent[name] for name in group.item_names if sent.get(name)}
    for refusal in checks.refusals_of(group, content):
        content.pop(refusal.item, None)
    return content
