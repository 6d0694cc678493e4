"""Which of a base's known external ids are believed while one of its files lands, and what came with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from schoolgate.importing.sent_keys import to_remember
from schoolgate.matching.actions import NewLink, end_links, refresh_keys
from schoolgate.matching.doubts import Lookalikes, still_agrees
from schoolgate.matching.occasions import Occasion
from schoolgate.matching.queries import Known, held_keys
from schoolgate.matching.rules import OTHER_CHILD
from schoolgate_message.records import MatchKeys, MessagePupil


class Beliefs:
    """The pupils a base's source has sent before, by external id, with the keys last seen."""

    def __init__(self, known: Mapping[str, Known], *, on: Occasion) -> None:
        """``known`` as before the file."""
        self._on = on
        self.pupils = {external_id: each.pupil_id for external_id, each in known.items()}
        self._keys = {external_id: each.keys for external_id, each in known.items()}
        self._lookalikes: Lookalikes | None = None

    def add(self, links: Sequence[NewLink]) -> None:
        """Take in those whom the file brings for the first time; they are linked already."""
        for link in links:
            self.pupils[link.keys.external_id] = link.pupil_id
            self._note(link.keys)

    def part(self, external_ids: Iterable[str]) -> bool:
        """End the links of ids that a person calls another child's; answers whether there was one."""
        parted = [each for each in external_ids if each in self.pupils]
        if not parted:
            return False
        end_links(parted, on=self._on, why=OTHER_CHILD)
        for external_id in parted:
            del self.pupils[external_id], self._keys[external_id]
        self._lookalikes = None
        return True

    def doubted(
        self,
        pupils: Iterable[MessagePupil],
        said: Mapping[str, MatchKeys],
        *,
        trusted: Collection[str],
    ) -> dict[str, int]:
        """The known ids that are not believed, and whom they stood for.

        Nothing is asked of those whose keys are as last time; what is held of the others is read at once.
        """
        changed = [
            external_id
            for each in pupils
            if (external_id := each.keys.external_id) in self._keys
            and external_id not in trusted
            and to_remember(each, said[external_id], self._keys[external_id]) != self._keys[external_id]
        ]
        last_seen: dict[int, list[MatchKeys]] = {}
        for external_id in changed:
            last_seen.setdefault(self.pupils[external_id], []).append(self._keys[external_id])
        held = held_keys(last_seen)
        return {
            external_id: pupil_id
            for external_id in changed
            if not still_agrees(
                said[external_id],
                held[pupil_id := self.pupils[external_id]],
                others=self._others(external_id, said[external_id]),
            )
        }

    def remember(
        self, pupils: Iterable[MessagePupil], said: Mapping[str, MatchKeys], *, without_upn: Collection[str]
    ) -> None:
        """Keep what came beside ids that are believed, but no UPN that is not written either."""
        changed = []
        for each in pupils:
            external_id = each.keys.external_id
            last = self._keys[external_id]
            new = to_remember(each, said[external_id], last)
            if external_id in without_upn:
                new = msgspec.structs.replace(new, upn=last.upn)
            if new != last:
                self._note(new)
                changed.append(new)
        refresh_keys(changed, base_id=self._on.base_id, source=self._on.source)

    def _note(self, keys: MatchKeys) -> None:
        self._keys[keys.external_id] = keys
        if self._lookalikes is not None:
            self._lookalikes.add(keys.external_id, keys)

    def _others(self, external_id: str, keys: MatchKeys) -> list[MatchKeys]:
        """The keys last seen of other pupils of the base who have the UPN or the particulars that came."""
        if self._lookalikes is None:
            self._lookalikes = Lookalikes(self._keys)
        own = self.pupils[external_id]
        return [each for other, each in self._lookalikes.of(keys).items() if self.pupils[other] != own]
