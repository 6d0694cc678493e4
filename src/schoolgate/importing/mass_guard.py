"""Keeps back what would take the same away from a large share of a base's children at once.

One odd list can empty names, addresses or contacts of a whole school, each pupil's block in good order. So a
write that takes something away from a child who stays on the roll (``losses``) is put by until the whole file
has been decided, and counted per data item and data group: with what the file takes away, what the base's
other files and runs took away within a day, and what waits for the same cause. Where that is more than a set
share of the roll, or at least half of those who hold it, all of it waits for a person; the rest lands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

import msgspec

from schoolgate.authority.queries import defaults
from schoolgate.holding.causes import LEAVING_AT_ONCE, REMOVED_KEYS, TAKEN_FROM_MANY, Cause
from schoolgate.importing.circumstances import Circumstances
from schoolgate.importing.emptied_lately import emptied_by_runs, emptied_by_what_waits
from schoolgate.importing.keeping_back import digest_of, keep_back
from schoolgate.importing.losses import LEFT, Key, are_most_of, is_a_large_share, is_half_of, losses_of
from schoolgate.importing.outcomes import Outcome
from schoolgate.importing.writing import Errand
from schoolgate.matching.rolls import pupils_on_roll
from schoolgate.pupils.holders import pupils_holding
from schoolgate_message.blocks import Content
from schoolgate_message.groups import BY_NAME, ENROLMENTS
from schoolgate_message.items import DataGroup
from schoolgate_message.roll_states import is_on_roll

AT_ONCE = timedelta(hours=24)
_LEAVING: Key = (ENROLMENTS.name, LEFT)


class Suspect(msgspec.Struct, frozen=True, kw_only=True):
    """A decided block that takes something away: what is held, what goes, and who else knows the pupil."""

    outcome: Outcome
    held: Content
    losses: frozenset[Key]
    is_elsewhere: bool
    is_beside: bool

    @property
    def pupil_id(self) -> int:
        """Whose block it is."""
        return self.outcome.arrival.pupil_id


class MassGuard:
    """What one file takes away, put by until all of the file is decided."""

    def __init__(self, errand: Errand, *, staying: Collection[str] = ()) -> None:
        """Nothing yet; nothing is asked of the database before something is taken away.

        ``staying`` are external ids of those whom the roll calls leavers and who are not believed to have
        left (``roll_guard``).
        """
        self._errand = errand
        self._staying = staying
        self._suspects: list[Suspect] = []
        self._tripped: set[Key] = set()
        self._taken: dict[Key, set[int]] = defaultdict(set)
        self._before: dict[str, Mapping[Key, set[int]]] = {}
        self._on_roll: set[int] = set()
        self._percent = 0

    def sift(
        self,
        group: DataGroup,
        outcomes: Sequence[Outcome],
        *,
        existing: Mapping[int, Content],
        circumstances: Circumstances,
    ) -> list[Outcome]:
        """The outcomes that may be carried out now; those that take something away are put by.

        What is known already to be too much is kept for a person at once, so that memory doesn't grow with
        the file.
        """
        now: list[Outcome] = []
        found: list[Suspect] = []
        for outcome in outcomes:
            held = existing.get(outcome.arrival.pupil_id)
            losses = _losses(group, outcome, held, circumstances)
            if not losses or held is None:
                now.append(outcome)
            elif _waits_for_the_same(outcome, losses, circumstances) or self._is_staying(outcome, losses):
                now.append(_kept_back(outcome, held, losses))
            else:
                pupil_id = outcome.arrival.pupil_id
                suspect = Suspect(
                    outcome=outcome,
                    held=held,
                    losses=losses,
                    is_elsewhere=pupil_id in circumstances.elsewhere,
                    is_beside=pupil_id in circumstances.beside,
                )
                found.append(suspect)
        if found:
            self._count(group, found)
            for each in found:
                if each.losses & self._tripped:
                    now.append(_kept_back(each.outcome, each.held, each.losses & self._tripped))
                else:
                    self._suspects.append(each)
                    circumstances.facts.put_by[each.outcome.pair] = digest_of(each.outcome)
        return now

    def settle(self) -> dict[DataGroup, list[Suspect]]:
        """What was put by, by data group, each with what becomes of it now that the file is decided."""
        self._on_roll = pupils_on_roll(self._errand.base_id) if self._suspects else set()
        for key in {key for each in self._suspects for key in each.losses} - self._tripped:
            if self._is_too_much(key):
                self._tripped.add(key)
        settled: dict[DataGroup, list[Suspect]] = defaultdict(list)
        for each in self._suspects:
            tripped = each.losses & self._tripped
            outcome = _kept_back(each.outcome, each.held, tripped) if tripped else each.outcome
            settled[outcome.group].append(msgspec.structs.replace(each, outcome=outcome))
        self._suspects = []
        return settled

    def _is_staying(self, outcome: Outcome, losses: Collection[Key]) -> bool:
        return _LEAVING in losses and outcome.arrival.external_id in self._staying

    def _count(self, group: DataGroup, found: Iterable[Suspect]) -> None:
        """Note who loses what, and what of that is a large share of the roll already."""
        if not self._percent:
            self._percent = defaults().guard_percent
            self._on_roll = pupils_on_roll(self._errand.base_id)
        if group.name not in self._before:
            self._before[group.name] = self._emptied_before(group)
        touched: set[Key] = set()
        for each in found:
            touched |= each.losses
            for key in each.losses:
                self._taken[key].add(each.pupil_id)
        for key in touched - self._tripped:
            if self._is_large_share(key):
                self._tripped.add(key)

    def _emptied_before(self, group: DataGroup) -> Mapping[Key, set[int]]:
        """Who lost what of a group by other files and runs, or would if what waits were released."""
        base_id, found = self._errand.base_id, defaultdict[Key, set[int]](set)
        since = self._errand.now - AT_ONCE
        for key, pupil_ids in emptied_by_runs(group, base_id=base_id, since=since).items():
            lost = pupil_ids & self._on_roll
            if key != _LEAVING:
                lost -= pupils_holding(BY_NAME[key[0]], key[1], lost, base_id=base_id)
            found[key] |= lost
        for key, pupil_ids in emptied_by_what_waits(group, base_id=base_id).items():
            found[key] |= pupil_ids & self._on_roll
        return found

    def _losers(self, key: Key) -> set[int]:
        return self._taken[key] | self._before.get(key[0], {}).get(key, set())

    def _is_large_share(self, key: Key) -> bool:
        losers, roll = len(self._losers(key)), len(self._on_roll)
        if key == _LEAVING:
            return are_most_of(losers, roll=roll)
        return is_a_large_share(losers, roll=roll, percent=self._percent)

    def _is_too_much(self, key: Key) -> bool:
        if key == _LEAVING or self._is_large_share(key):
            return self._is_large_share(key)
        losers = self._losers(key)
        holding = pupils_holding(BY_NAME[key[0]], key[1], self._on_roll, base_id=self._errand.base_id)
        return is_half_of(len(losers), len(holding | losers))


def _losses(
    group: DataGroup, outcome: Outcome, held: Content | None, circumstances: Circumstances
) -> frozenset[Key]:
    """What an outcome would take away of somebody who stays on the roll, and nobody has released."""
    arrival = outcome.arrival
    if arrival.is_new or not held or not is_on_roll(arrival.state):
        return frozenset()
    if outcome.waits == REMOVED_KEYS.code:
        return losses_of(group, held, arrival.pupil.blocks.get(group.name))
    if outcome.kind not in {"changed", "removed"} or circumstances.facts.is_released_by_person(outcome.pair):
        return frozenset()
    return losses_of(group, held, outcome.content)


def _waits_for_the_same(outcome: Outcome, losses: Collection[Key], circumstances: Circumstances) -> bool:
    """Whether something of the block waits, or was refused, because too many lost it; it still is lost."""
    standing = circumstances.facts.standing.get(outcome.pair)
    return standing is not None and standing.code == _cause(losses).code


def _kept_back(outcome: Outcome, held: Content, losses: Collection[Key]) -> Outcome:
    return keep_back(outcome, held=held, items={item for _, item in losses}, cause=_cause(losses))


def _cause(losses: Collection[Key]) -> Cause:
    return LEAVING_AT_ONCE if set(losses) == {_LEAVING} else TAKEN_FROM_MANY
