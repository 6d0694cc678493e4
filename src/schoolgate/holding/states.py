"""Where an entry of Held and what waits in it can stand, and the words each state has on the screen."""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType


class EntryState(Enum):
    """An entry is open while anything waits in it; afterwards it says how it ended."""

    OPEN = "open"
    RELEASED = "released"
    REFUSED = "refused"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The words an officer sees."""
        return _LABELS[self]


class ItemState(Enum):
    """What became of one pupil's block, delete, marks or absence.

    What was released waits until it has landed, so that nothing is lost if that run fails.
    """

    WAITING = "waiting"
    RELEASED = "released"
    REFUSED = "refused"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """The words an officer sees."""
        return _ITEM_LABELS[self]


STANDING = (ItemState.WAITING.value, ItemState.REFUSED.value)
"""States in which an item still says what becomes of the same content when it comes again."""

_LABELS = MappingProxyType(
    {
        EntryState.OPEN: "Waits for you",
        EntryState.RELEASED: "Released",
        EntryState.REFUSED: "Refused",
        EntryState.CLOSED: "Closed by itself",
    }
)

_ITEM_LABELS = MappingProxyType(
    {
        ItemState.WAITING: "Waits",
        ItemState.RELEASED: "Released",
        ItemState.REFUSED: "Refused",
        ItemState.ENDED: "No longer waits",
    }
)
