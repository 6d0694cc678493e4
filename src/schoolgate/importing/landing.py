"""Lands a batch of pupils: compares each block with the record and writes what differs, set-wise.

Everything a block causes (register, audit, hashes, the outstanding list) is written by the same batch,
inside the transaction of the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec

from schoolgate.attendance.actions import merge_marks
from schoolgate.audit.actions import Change, record_changes
from schoolgate.blocks.actions import forget, note_outstanding, remember, settle_outstanding
from schoolgate.blocks.rules import Outcome, Remembered
from schoolgate.importing import checks
from schoolgate.importing.arrivals import Arrival, Unmatched
from schoolgate.importing.rules import Decision, Fate, RuleBook, decide_block, may_send
from schoolgate.importing.tally import UNMATCHED, Tally
from schoolgate.matching.queries import links_elsewhere
from schoolgate.pupils.actions import Source, remove_blocks, write_blocks
from schoolgate.pupils.columns import PERSON_GROUPS
from schoolgate.pupils.queries import existing_blocks
from schoolgate.runs.rules import Problem
from schoolgate_message import groups
from schoolgate_message.blocks import Content, Row, canonical_bytes, hash_of_bytes
from schoolgate_message.items import DataGroup
from schoolgate_message.records import DayMarks, MatchKeys

ON_ROLL = "Current"
NOT_ON_ROLL = "rule.not_on_roll"
BY_MATCH_KEYS = "added with match keys"
DELETED_AT_SOURCE = "deleted at the source"

_OUTCOMES = (Outcome.UNCHANGED, Outcome.IGNORED, Outcome.WRITTEN)
"""How a block that landed is remembered, at its fate's own number."""


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """On whose behalf a file lands: what every audit row says."""

    base_id: int
    run_id: int
    file_id: int
    task_id: int | None
    now: datetime
    are_leavers_asked_for: bool = False


class Batch:
    """Some pupils of one file on their way into the register."""

    def __init__(self, arrivals: Sequence[Arrival], *, errand: Errand, rules: RuleBook, tally: Tally) -> None:
        self.arrivals = arrivals
        self.errand = errand
        self.rules = rules
        self.tally = tally
        self.source = Source(base_id=errand.base_id, run_id=errand.run_id, written_at=errand.now)
        self.changes: list[Change] = []
        self.hashes: dict[int, dict[int, Remembered]] = defaultdict(dict)
        self.forgotten: dict[str, list[int]] = defaultdict(list)
        self.changed: dict[str, list[int]] = defaultdict(list)
        known = [each.pupil_id for each in arrivals if not each.is_new]
        self.elsewhere = links_elsewhere(known, errand.base_id)
        self.in_doubt = {each.external_id for each in arrivals if each.is_superseded or each.state != ON_ROLL}

    def land(self) -> None:
        """Land the groups one after another, then what goes with them."""
        for group in groups.GROUPS:
            self._land_group(group)
        self._land_marks()
        record_changes(self.changes)
        self._keep_hashes()
        base_id = self.errand.base_id
        note_outstanding(
            self.tally.outstanding, base_id=base_id, run_id=self.errand.run_id, now=self.errand.now
        )
        settle_outstanding(self.tally.settled, base_id=base_id)
        self.tally.outstanding.clear()
        self.tally.settled.clear()

    def _land_group(self, group: DataGroup) -> None:
        sent = [each for each in self.arrivals if group.name in each.pupil.blocks]
        gone = [each for each in self.arrivals if group.name in each.pupil.deleted]
        known = [each.pupil_id for each in (*sent, *gone) if not each.is_new]
        existing = existing_blocks(group, known, self.errand.base_id)
        added: dict[int, Content] = {}
        changed: dict[int, Content] = {}
        reason = self.rules.for_group(group).value
        for arrival in sent:
            incoming = arrival.pupil.blocks[group.name]
            if self._may_land(group, arrival, incoming):
                held = existing.get(arrival.pupil_id)
                content = self._land_block(group, arrival, held, incoming, reason=reason)
                if content is not None:
                    (added if held is None else changed)[arrival.pupil_id] = content
        self._land_keys(group, added)
        self._remove(group, gone, existing)
        emptied = [pupil_id for pupil_id, content in changed.items() if not content]
        remove_blocks(group, pupil_ids=emptied, base_id=self.errand.base_id)
        for pupil_id in emptied:
            del changed[pupil_id]
        if added or changed:
            write_blocks(group, added=added, changed=changed, source=self.source)

    def _may_land(self, group: DataGroup, arrival: Arrival, incoming: Content) -> bool:
        """Whether this base may say this of the pupil, in codes that are known."""
        if not self._is_heard(group, arrival):
            self.tally.settle(arrival.external_id, group.name, Fate.IGNORED)
            self._aside(group, arrival)
            if not arrival.is_superseded:
                self._remember(group, arrival, canonical_bytes(incoming), Fate.IGNORED)
            return False
        refusals = checks.refusals_of(group, incoming)
        if group is groups.IDENTIFIERS and arrival.upn_holder is not None:
            refusals = [*refusals, checks.UPN_HELD]
        for refusal in refusals:
            self.tally.problems.append(
                Problem(
                    kind="refused",
                    pupil_id=arrival.pupil_id,
                    external_id=arrival.external_id,
                    group=group.name,
                    **msgspec.structs.asdict(refusal),
                )
            )
        if refusals:
            self._fail(group, arrival, code=refusals[0].code, fate=Fate.REFUSED)
        return not refusals

    def _is_heard(self, group: DataGroup, arrival: Arrival) -> bool:
        if arrival.external_id not in self.in_doubt:
            return True
        if arrival.is_superseded:
            return False
        return may_send(
            group,
            is_on_roll=arrival.state == ON_ROLL,
            was_leaver=arrival.was_leaver
            and arrival.state == "Leaver"
            and not self.errand.are_leavers_asked_for,
            is_on_roll_elsewhere=ON_ROLL in self.elsewhere.get(arrival.pupil_id, {}).values(),
        )

    def _land_block(
        self, group: DataGroup, arrival: Arrival, held: Content | None, incoming: Content, *, reason: str
    ) -> Content | None:
        """Decide on one block; answers what to write, ``None`` for nothing.

        Its canonical bytes are written once, for the hash and for the audit.
        """
        written = canonical_bytes(incoming)
        decision = decide_block(group, held, incoming, self.rules)
        if decision.fate is Fate.IN_CONFLICT:
            self._fail(group, arrival, code="rule.conflict", fate=Fate.IN_CONFLICT)
        else:
            self.tally.settle(arrival.external_id, group.name, decision.fate)
            self._remember(group, arrival, written, decision.fate)
        content = decision.content
        if content == (held or type(incoming)()):
            return None
        self._audit(
            group,
            arrival,
            kind="added" if not held else "changed" if content else "removed",
            before=canonical_bytes(decision.before) if held else None,
            after=_bytes_of(decision, incoming, written) if content else None,
            reason=reason,
        )
        if group is groups.IDENTIFIERS and checks.has_wrong_upn(decision.after):
            self._warn_of_upn(arrival)
        return content

    def _audit(
        self,
        group: DataGroup,
        arrival: Arrival,
        *,
        kind: str,
        before: bytes | None,
        after: bytes | None,
        reason: str,
    ) -> None:
        """Note a change; ``before`` and ``after`` are canonical bytes."""
        errand = self.errand
        self.changes.append(
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
            )
        )
        self.tally.written_groups.add(group.name)
        self.tally.written_ids.add(arrival.external_id)
        if not arrival.is_new:
            self.changed[group.name].append(arrival.pupil_id)

    def _land_keys(self, group: DataGroup, added: dict[int, Content]) -> None:
        """A new pupil whose identifiers or details did not land is held by the match keys at least."""
        if group not in (groups.IDENTIFIERS, groups.BASIC_DETAILS):
            return
        for arrival in self.arrivals:
            if arrival.is_new and arrival.pupil_id not in added:
                content = _content_of_keys(group, arrival.pupil.keys)
                if content:
                    added[arrival.pupil_id] = content
                    written = canonical_bytes(content)
                    self._audit(
                        group, arrival, kind="added", before=None, after=written, reason=BY_MATCH_KEYS
                    )

    def _remove(self, group: DataGroup, gone: Sequence[Arrival], existing: dict[int, Content]) -> None:
        """Take away what the source says outright it holds no more; counted like any other block."""
        held: list[Arrival] = []
        for arrival in gone:
            if not self._is_heard(group, arrival):
                self.tally.settle(arrival.external_id, group.name, Fate.IGNORED)
                self._aside(group, arrival)
                continue
            is_held = bool(existing.get(arrival.pupil_id))
            self.tally.settle(arrival.external_id, group.name, Fate.WRITTEN if is_held else Fate.UNCHANGED)
            self.forgotten[group.name].append(arrival.pupil_id)
            if is_held:
                held.append(arrival)
        for arrival in held:
            before = canonical_bytes(existing[arrival.pupil_id])
            self._audit(group, arrival, kind="removed", before=before, after=None, reason=DELETED_AT_SOURCE)
        remove_blocks(group, pupil_ids=[each.pupil_id for each in held], base_id=self.errand.base_id)

    def _land_marks(self) -> None:
        marks: dict[int, Sequence[DayMarks]] = {}
        external_ids: dict[int, str] = {}
        for arrival in self.arrivals:
            if arrival.pupil.marks:
                marks[arrival.pupil_id] = (*marks.get(arrival.pupil_id, ()), *arrival.pupil.marks)
                external_ids[arrival.pupil_id] = arrival.external_id
        if not marks:
            return
        errand = self.errand
        outcome = merge_marks(
            base_id=errand.base_id,
            run_id=errand.run_id,
            file_id=errand.file_id,
            task_id=errand.task_id,
            marks=marks,
            now=errand.now,
        )
        name = groups.ATTENDANCE
        self.tally.count(name, Fate.UNCHANGED, outcome.unchanged)
        self.tally.count(name, Fate.WRITTEN, outcome.written)
        wrong = {refused.pupil_id for refused in outcome.refused}
        for pupil_id in marks.keys() - wrong:
            self.tally.end_wait(external_ids[pupil_id], name)
        for refused in outcome.refused:
            external_id = external_ids[refused.pupil_id]
            self.tally.fail(external_id, name, code=refused.code, term="refused")
            self.tally.problems.append(
                Problem(
                    kind="refused",
                    code=refused.code,
                    sentence=refused.sentence,
                    remedy=refused.remedy,
                    pupil_id=refused.pupil_id,
                    external_id=external_id,
                    group=name,
                    details={"on": refused.on, "session": refused.session},
                )
            )

    def _remember(self, group: DataGroup, arrival: Arrival, written: bytes, fate: Fate) -> None:
        found = Remembered(hash_of_bytes(group, written), _OUTCOMES[fate])
        self.hashes[arrival.pupil_id][group.number] = found

    def _keep_hashes(self) -> None:
        """Remember what landed; forget what did not, and what other bases held of the parts written."""
        base_id, now = self.errand.base_id, self.errand.now
        for name, pupil_ids in self.forgotten.items():
            forget(pupil_ids=pupil_ids, groups=[name], base_id=base_id, now=now)
        new = {each.pupil_id for each in self.arrivals if each.is_new}
        remember(base_id=base_id, landed=self.hashes, new_pupils=new, now=now)
        for name, pupil_ids in self.changed.items():
            shared = [each for each in pupil_ids if each in self.elsewhere]
            if name in PERSON_GROUPS:
                forget(pupil_ids=shared, groups=[name], except_base_id=base_id, now=now)

    def _fail(self, group: DataGroup, arrival: Arrival, *, code: str, fate: Fate) -> None:
        term = "refused" if fate is Fate.REFUSED else "in_conflict"
        self.tally.fail(arrival.external_id, group.name, code=code, term=term)
        self.forgotten[group.name].append(arrival.pupil_id)

    def _aside(self, group: DataGroup, arrival: Arrival) -> None:
        self.tally.asides.append(
            Problem(
                kind="ignored",
                code=NOT_ON_ROLL,
                sentence="The pupil is not on this school's roll: only its enrolment is taken from here.",
                pupil_id=arrival.pupil_id,
                external_id=arrival.external_id,
                group=group.name,
            )
        )

    def _warn_of_upn(self, arrival: Arrival) -> None:
        self.tally.problems.append(
            Problem(
                kind="warning",
                code=checks.INVALID_UPN,
                sentence=checks.UPN_SENTENCE,
                remedy=checks.UPN_REMEDY,
                pupil_id=arrival.pupil_id,
                external_id=arrival.external_id,
                group=groups.IDENTIFIERS.name,
                item="upn",
            )
        )


def count_unmatched(unmatched: Sequence[Unmatched], *, tally: Tally) -> None:
    """Count the blocks and marks of pupils whom a person must match first."""
    for each in unmatched:
        external_id = each.pupil.keys.external_id
        sentence, remedy = each.words
        tally.problems.append(
            Problem(
                kind=UNMATCHED,
                code=each.code,
                sentence=sentence,
                remedy=remedy,
                pupil_id=each.pupil_id,
                external_id=external_id,
            )
        )
        for name in (*each.pupil.blocks, *each.pupil.deleted):
            tally.fail(external_id, name, code=each.code, term=UNMATCHED)
        for _ in range(sum((day.am is not None) + (day.pm is not None) for day in each.pupil.marks)):
            tally.fail(external_id, groups.ATTENDANCE, code=each.code, term=UNMATCHED)


def _bytes_of(decision: Decision, incoming: Content, written: bytes) -> bytes:
    """The decision's ``after`` as the audit keeps it; ``written`` are the incoming block's bytes."""
    return written if decision.after is incoming else canonical_bytes(decision.after)


def _content_of_keys(group: DataGroup, keys: MatchKeys) -> Row:
    sent = msgspec.structs.asdict(keys)
    content: Row = {name: sent[name] for name in group.item_names if sent.get(name)}
    for refusal in checks.refusals_of(group, content):
        content.pop(refusal.item, None)
    return content
