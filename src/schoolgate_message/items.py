"""What a data item and a data group are: the declaration everything else is read from.

Canonical form, hash, XML, XSD, comparison, the screens and the field reference all read these
records, so an item is described once.  Code sets are only named here; landing checks them.  Each
record is declared once and is equal only to itself, which keeps looking things up by it cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache


class ItemType(Enum):
    """How a data item's value is written; in Python and in JSON the value is the type in brackets."""

    TEXT = "text"  # str
    CODE = "code"  # str, a member of ``code_set``
    DATE = "date"  # str, YYYY-MM-DD
    YES_NO = "yes/no"  # bool
    NUMBER = "number"  # int
    DECIMAL = "decimal"  # str, plain decimal without trailing zeros, for example "1.5"


class Sensitivity(Enum):
    """How harmful disclosure would be; the data-protection register is grouped by it."""

    PERSONAL = "personal"
    SPECIAL = "special category"


class Scope(Enum):
    """Whose fact a group states: the child's own, or the child's at one base."""

    PUPIL = "pupil"
    BASE = "pupil at a base"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DataItem:
    """One field of a data group.

    ``element`` is its XML element, ``cbds`` the number in the Common Basic Data Set (empty where
    none is known), ``max_length`` the longest text taken, ``rule_settable`` whether an officer may
    set a processing rule for it alone. A text that ``is_number`` is written in capitals and without
    spaces, however it came: numbers with letters in them are typed in many ways, and mean one thing.
    """

    name: str
    label: str
    element: str
    type: ItemType = ItemType.TEXT
    code_set: str = ""
    cbds: str = ""
    max_length: int = 100
    sensitivity: Sensitivity = Sensitivity.PERSONAL
    rule_settable: bool = True
    is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DataGroup:
    """A block's kind.

    ``number`` is the group's fixed place in the cache of hashes (from 1, never used again once
    given).  A group that ``is_list`` holds rows, the others one record.  ``order`` names the items
    by which rows are shown; the canonical form sorts by the whole row.  ``identity`` names the items
    that tell one row from another (its natural key), ``tells`` the item that is all a row has to say
    beside these.
    """

    number: int
    name: str
    label: str
    element: str
    items: tuple[DataItem, ...]
    row_element: str = ""
    scope: Scope = Scope.PUPIL
    order: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    tells: str = ""
    sensitivity: Sensitivity = Sensitivity.PERSONAL

    @property
    def is_list(self) -> bool:
        """Whether a block of this group holds rows rather than one record."""
        return bool(self.row_element)

    @property
    def item_names(self) -> tuple[str, ...]:
        """The names of the items, in the order in which they are written."""
        return _item_names(self)


@cache
def _item_names(group: DataGroup) -> tuple[str, ...]:
    """Asked for every block that lands, so put together once."""
    return tuple(item.name for item in group.items)
