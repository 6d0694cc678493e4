"""Which of a base's known external ids are believed while one of its files lands, and what came with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from schoolgate.importing.sent_keys import to_remember
from schoolgate.matching.actions import NewLink, end_links, refresh_keys
from schoolgate.matching.doubts import Lookalikes
from schoolgate.matching.occasions import Occasion
from schoolgate.matching.queries import Known, find_doubted
from schoolgate.matching.rules import OTHER_CHILD
from schoolgate_message.records import MatchKeys, MessagePupil


class Beliefs:
    """The pupils a base's source has sent before, by external id, with the keys last seen."""

    def __init__(self, known: Mapping[str, Known], *, on: Occasion) -> None:
        """``known`` as before the file."""
        self._on = on
        self._known = dict(known)
        self._lookalikes: Lookalikes | None = None

    def __contains__(self, external_id: str) -> bool:
        """Whether the id stands for somebody."""
        return external_id in self._known

    def pupil_id(self, external_id: str) -> int:
        """Whom of the register a known id stands for."""
        return self._known[external_id].pupil_id

    def pupils(self) -> dict[str, int]:
        """Everybody, by external id."""
        return {external_id: each.pupil_id for external_id, each in self._known.items()}

    def add(self, links: Sequence[NewLink]) -> None:
        """Take in those whom the file brings for the first time; they are linked already."""
        for link in links:
            self._note(Known(pupil_id=link.pupil_id, keys=link.keys, roll_state=link.roll_state))

    def part(self, external_ids: Iterable[str]) -> bool:
        """End the links of ids that a person calls another child's; answers whether there was one."""
        parted = [each for each in external_ids if each in self._known]
        if not parted:
            return False
        end_links(parted, on=self._on, why=OTHER_CHILD)
        for external_id in parted:
            del self._known[external_id]
        self._lookalikes = None
        return True

    def doubted(
        self,
        pupils: Iterable[MessagePupil],
        said: Mapping[str, MatchKeys],
        *,
        trusted: Collection[str],
        in_doubt: Collection[str] = frozenset(),
    ) -> dict[str, int]:
        """The known ids that are not believed, and whom they stood for.

        Nothing is asked of those whose keys are as last time. An id that is ``in_doubt`` already stays so
        while it comes without anything that could clear it.
        """
        silent = {
            external_id: self._known[external_id].pupil_id
            for external_id, each in said.items()
            if external_id in in_doubt
            and external_id in self._known
            and external_id not in trusted
            and not (each.upn or each.family_name or each.given_name or each.date_of_birth)
        }
        changed = [
            said[external_id]
            for each in pupils
            if (external_id := each.keys.external_id) in self._known
            and external_id not in trusted
            and external_id not in silent
            and self._differs(each, said[external_id])
        ]
        if not changed:
            return silent
        if self._lookalikes is None:
            self._lookalikes = Lookalikes({key: each.keys for key, each in self._known.items()})
        return silent | find_doubted(changed, known=self._known, lookalikes=self._lookalikes)

    def remember(
        self, pupils: Iterable[MessagePupil], said: Mapping[str, MatchKeys], *, without_upn: Collection[str]
    ) -> None:
        """Keep what came beside ids that are believed, but no UPN that is not written either."""
        changed = []
        for each in pupils:
            external_id = each.keys.external_id
            known = self._known[external_id]
            new = to_remember(each, said[external_id], known.keys)
            if external_id in without_upn:
                new = msgspec.structs.replace(new, upn=known.keys.upn)
            if new != known.keys:
                self._note(msgspec.structs.replace(known, keys=new))
                changed.append(new)
        refresh_keys(changed, base_id=self._on.base_id, source=self._on.source)

    def _differs(self, pupil: MessagePupil, said: MatchKeys) -> bool:
        last = self._known[said.external_id].keys
        return to_remember(pupil, said, last) != last

    def _note(self, known: Known) -> None:
        self._known[known.keys.external_id] = known
        if self._lookalikes is not None:
            self._lookalikes.add(known.keys.external_id, known.keys)
