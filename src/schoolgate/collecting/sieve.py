"""Tells what is new: whose block it is, and whether the cache knows it as landed.

A pupil is known by the base's external id, else by the exact match; the cache of hashes by pupil then
traps what this base has landed already, even under another external id or from another source (a school that
moved systems).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property

import msgspec

from schoolgate.bases.models import OWN_SOURCES
from schoolgate.blocks.actions import retell
from schoolgate.blocks.queries import forgotten_since, known_hashes, landed_beside
from schoolgate.blocks.rules import NOTHING_KNOWN, Hashes
from schoolgate.codes.upn import as_key
from schoolgate.holding.causes import GONE
from schoolgate.holding.queries import standing
from schoolgate.holding.rules import DELETE, WHO, Pair, Standing, fixed_digest
from schoolgate.holding.states import ItemState
from schoolgate.matching.doubts import Lookalikes
from schoolgate.matching.queries import Known, find_doubted, find_matches, known_pupils
from schoolgate.matching.rules import DOUBTED, TWO_SCHOOLS
from schoolgate_message.blocks import Content, InvalidValueError, canonical_value, content_hash
from schoolgate_message.groups import BASIC_DETAILS, GROUPS, IDENTIFIERS
from schoolgate_message.items import DataGroup
from schoolgate_message.records import MatchKeys

_DELETION = fixed_digest(DELETE)
_KEY_ITEMS = {item.name: item for item in (*IDENTIFIERS.items, *BASIC_DETAILS.items)}
_NAMES = {group.number: group.name for group in GROUPS}
_KEY_NAMES = ("upn", "family_name", "given_name", "date_of_birth", "sex")


class Sieve:
    """What the register and the cache know of one base, read only when first asked."""

    def __init__(self, base_id: int, *, source: str) -> None:
        """``source`` is the key of the source whose ids these are. Nothing is read yet."""
        self._base_id = base_id
        self.source = source
        self._matched: dict[str, int | None] = {}
        self._keys: dict[str, MatchKeys] = {}
        self._learned: list[MatchKeys] = []
        self._doubted: set[str] = set()
        self._retold: dict[tuple[int, int], bytes] = {}

    @cached_property
    def known(self) -> dict[str, Known]:
        """Everybody the base has sent before."""
        return known_pupils(self._base_id, source=self.source)

    @cached_property
    def _standing(self) -> dict[Pair, Standing]:
        """What waits for a person, or was refused by one; read when the cache first doesn't know a block."""
        return standing(self._base_id, self.source)

    @cached_property
    def _in_doubt(self) -> frozenset[str]:
        """The pupils (external ids) for whom something waits since their id was not believed."""
        return frozenset(
            external_id
            for (external_id, _), each in self._standing.items()
            if each.code == DOUBTED and each.state == ItemState.WAITING.value
        )

    @cached_property
    def _questioned(self) -> frozenset[str]:
        """The known pupils (external ids) of whom it is asked who they are: whatever is sent waits."""
        return frozenset(external_id for external_id, group in self._standing if group == WHO)

    @property
    def kept(self) -> set[str]:
        """The pupils (external ids) of whom something waits for a person, or was refused."""
        return {external_id for external_id, _ in self._standing}

    @cached_property
    def _hashes(self) -> dict[int, Hashes]:
        return known_hashes(self._base_id, source=self.source)

    @cached_property
    def _beside(self) -> dict[int, dict[str, Hashes]]:
        """What other sources of the base landed; read when the cache first doesn't know a block."""
        return landed_beside(self._base_id, source=self.source)

    def identify(
        self, keys: Sequence[MatchKeys], *, states: Mapping[str, str], on_roll: Collection[str] | None
    ) -> None:
        """Find out whom of the register pupils are whom the base has not sent before; states by id.

        Of those it has sent before whose keys were learned, find out who is doubted: nothing of them is
        known as landed, so that landing, which decides it for good, gets to see all that came.
        """
        self._doubt()
        if keys:
            found = find_matches(self._base_id, keys, source=self.source, states=states, on_roll=on_roll)
            self._matched |= {external_id: match.pupil_id for external_id, match in found.items()}

    def learn_keys(self, keys: MatchKeys) -> None:
        """Remember by what a pupil is recognised now."""
        self._keys[keys.external_id] = keys
        self._learned.append(msgspec.structs.replace(keys, upn=as_key(keys.upn)))

    def keys_of(self, external_id: str) -> MatchKeys | None:
        """By what a pupil is recognised: as read in this run, else as last landed."""
        if external_id in self._keys:
            return self._keys[external_id]
        known = self.known.get(external_id)
        if known is not None and external_id in self._in_doubt:
            return MatchKeys(external_id=external_id)  # what was held of it says nothing of what comes now
        return None if known is None else known.keys

    def pupil_id(self, external_id: str) -> int | None:
        """Whom of the register this is; none for somebody new."""
        known = self.known.get(external_id)
        return known.pupil_id if known is not None else self._matched.get(external_id)

    def has_landed(self, external_id: str) -> bool:
        """Whether anything of this pupil has landed from the base's MIS, be it the one before its move."""
        pupil_id = self.pupil_id(external_id)
        if pupil_id is None:
            return False
        if any(self._hashes.get(pupil_id, NOTHING_KNOWN)):
            return True
        beside = self._beside.get(pupil_id, {}).items()
        return any(any(hashes) for source, hashes in beside if source in OWN_SOURCES.values())

    def retell(self, read_at: datetime, now: datetime) -> None:
        """Remember as said by this source what is known by what another of the base landed.

        Within the transaction that ends the run. ``read_at`` is when the source was read.
        """
        told = [(pupil_id, number, digest) for (pupil_id, number), digest in self._retold.items()]
        for pair in retell(told, base_id=self._base_id, source=self.source, read_at=read_at, now=now):
            del self._retold[pair]

    def has_landed_of(self, external_id: str, group: DataGroup) -> bool:
        """Whether a block of this group of a pupil who is believed is known as landed."""
        if self._landed(external_id, group) is None:
            return False
        return external_id not in self._in_doubt and external_id not in self._questioned

    def may_ask_of_end(self, external_id: str, group: DataGroup, *, is_believed: bool) -> bool:
        """Whether the end of a group is news: no deletion of it waits, or was refused; or only waits since
        nobody had counted, and now it ``is_believed``.
        """
        held = self._standing.get((external_id, group.name))
        if held is None or held.digest != _DELETION:
            return True
        return is_believed and held.code == GONE.code and held.state == ItemState.WAITING.value

    def forgotten(self) -> dict[str, set[str]]:
        """The groups whose hashes were known when sifting began and are no longer, by external id."""
        if "_hashes" not in self.__dict__:
            return {}
        lost = forgotten_since(self._base_id, self._hashes, source=self.source)
        for shared, number in self._retold:  # what is left of it was not found any more
            lost.setdefault(shared, set()).add(_NAMES[number])
        ids = [*self.known.items(), *self._matched.items()] if lost else []
        found: dict[str, set[str]] = {}
        for external_id, who in ids:
            pupil_id = who.pupil_id if isinstance(who, Known) else who
            if pupil_id in lost:
                found[external_id] = lost[pupil_id]
        return found

    def _doubt(self) -> None:
        known = self.known
        changed = [
            each
            for each in self._learned
            if each.external_id in known and each != known[each.external_id].keys
        ]
        self._learned = []
        if changed:
            self._doubted.update(find_doubted(changed, known=known, lookalikes=self._lookalikes))

    @cached_property
    def _lookalikes(self) -> Lookalikes:
        return Lookalikes({external_id: each.keys for external_id, each in self.known.items()})

    def is_unchanged(self, external_id: str, group: DataGroup, content: Content) -> bool:
        """Whether the cache knows this very content as landed, or it waits for a person already."""
        digest = content_hash(group, content)
        if self._landed(external_id, group) == digest or self._is_retold(external_id, group, digest):
            # What a list had lost and has again: landing ends what waits of it.
            return not self._is_gone(external_id, group)
        held = self._standing.get((external_id, group.name))
        if held is None or held.digest != digest:
            return False
        # Once an id is believed, what waits because it wasn't is landing's to decide.
        is_believed = external_id in self.known and external_id not in (
            self._doubted | self._in_doubt | self._questioned
        )
        return not (is_believed and held.code in {DOUBTED, TWO_SCHOOLS})

    def _is_retold(self, external_id: str, group: DataGroup, digest: bytes) -> bool:
        """Whether another source of the base landed this very content, as before the base moved systems."""
        pupil_id = self.pupil_id(external_id)
        if pupil_id is None or external_id in self._doubted:
            return False
        if all(_at(group, each) != digest for each in self._beside.get(pupil_id, {}).values()):
            return False
        self._retold[pupil_id, group.number] = digest
        return True

    def _is_gone(self, external_id: str, group: DataGroup) -> bool:
        held = self._standing.get((external_id, group.name))
        return held is not None and held.code == GONE.code

    def _landed(self, external_id: str, group: DataGroup) -> bytes | None:
        pupil_id = self.pupil_id(external_id)
        if external_id in self._doubted:
            return None
        hashes = None if pupil_id is None else self._hashes.get(pupil_id)
        return None if hashes is None else _at(group, hashes)


def _at(group: DataGroup, hashes: Hashes) -> bytes | None:
    return None if len(hashes) < group.number else hashes[group.number - 1]


def keys_from(external_id: str, contents: Mapping[str, object]) -> MatchKeys:
    """Match keys from the raw content of identifiers and basic details; what is invalid is left out."""
    said: dict[str, object] = {}
    for content in contents.values():
        if isinstance(content, dict):
            said |= content
    return MatchKeys(external_id=external_id, **{name: _key(name, said.get(name)) for name in _KEY_NAMES})


def _key(name: str, value: object) -> str:
    try:
        found = canonical_value(_KEY_ITEMS[name], value)
    except InvalidValueError:
        return ""
    return "" if found is None else str(found)
