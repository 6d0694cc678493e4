"""What goes into the message, by pupil, kept small until it is written."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

from schoolgate.collecting.bodies import Bodies
from schoolgate_message.blocks import Content, canonical_bytes, content_from
from schoolgate_message.groups import BY_NAME, GROUPS
from schoolgate_message.records import DayMarks, MatchKeys, MessagePupil

_GROUP_BITS = 8
_GROUP_MASK = (1 << _GROUP_BITS) - 1
_NAMES = {group.number: group.name for group in GROUPS}


class Outbox:
    """The blocks that differ, by pupil. Contents lie as bytes in memory or, when many, in a file."""

    def __init__(self) -> None:
        """Empty."""
        self._bodies = Bodies()
        self._blocks: dict[str, array[int]] = {}
        self._deleted: dict[str, list[str]] = {}
        self._sizes: dict[str, int] = {}

    def add(self, external_id: str, group: str, content: Content) -> None:
        """Put a block in; its content is canonical."""
        body = canonical_bytes(content)
        place = self._bodies.add(body) << _GROUP_BITS | BY_NAME[group].number
        self._blocks.setdefault(external_id, array("Q")).append(place)
        self._sizes[external_id] = self._sizes.get(external_id, 0) + len(body)

    def introduce(self, external_id: str) -> None:
        """Send a pupil with the match keys alone, if nothing else is to be said."""
        self._sizes.setdefault(external_id, 0)

    def delete(self, external_id: str, group: str) -> None:
        """Note that the source said outright it holds no more of a group."""
        self._deleted.setdefault(external_id, []).append(group)
        self._sizes.setdefault(external_id, 0)

    def __len__(self) -> int:
        return len(self._sizes)

    def __contains__(self, external_id: object) -> bool:
        return external_id in self._sizes

    def __iter__(self) -> Iterator[str]:
        """The pupils, in the order in which they first came."""
        return iter(self._sizes)

    def size_of(self, external_id: str) -> int:
        """How many bytes a pupil's blocks have in canonical form."""
        return self._sizes.get(external_id, 0)

    def groups_of(self, external_id: str) -> Iterable[str]:
        """The groups of which a pupil has something in the box."""
        blocks = (group for group, _ in self._blocks_of(external_id))
        return [*blocks, *self._deleted.get(external_id, ())]

    def _blocks_of(self, external_id: str) -> Iterator[tuple[str, int]]:
        """The groups of a pupil's blocks and where each lies."""
        for each in self._blocks.get(external_id, ()):
            yield _NAMES[each & _GROUP_MASK], each >> _GROUP_BITS

    def pupil(self, keys: MatchKeys, *, marks: tuple[DayMarks, ...] = ()) -> MessagePupil:
        """One pupil with all that was put in."""
        external_id = keys.external_id
        return MessagePupil(
            keys=keys,
            blocks={
                group: content_from(self._bodies.get(place)) for group, place in self._blocks_of(external_id)
            },
            deleted=tuple(self._deleted.get(external_id, ())),
            marks=marks,
        )

    def close(self) -> None:
        """Let everything go."""
        self._bodies.close()
