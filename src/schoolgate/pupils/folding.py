"""A pupil's names as the search looks for them and as lists sort them, both folded.

So Zoe finds Zoë, O Neill finds O'Neill, and Émile stands between Elgar and Evans.

They stand in columns of their own beside the names, written by whatever writes the names, and not in an
index over an expression: PostgreSQL knows neither case nor letters beyond ASCII under every locale it may
have been set up with, and the search must fold as the matching of pupils does, by the same function. Nor do
its servers agree on an order: the column that lists are sorted by is compared by code points alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from schoolgate.lib.folding import fold, sort_key
from schoolgate_message import groups
from schoolgate_message.items import DataGroup

FOLDED, SORTED = "names_folded", "sort_name"
NAME_ORDER = (SORTED, "family_name", "given_name", "pupil_id")
"""How lists of pupils are ordered. The names themselves order rows that the release before wrote."""
NAMES = (
    "given_name",
    "middle_names",
    "family_name",
    "preferred_given_name",
    "preferred_family_name",
    "former_family_name",
)
"""What a pupil can be found by, in the order people say it."""


class Fold(Protocol):
    """Makes a column of a table from the content of its row."""

    def __call__(self, content: Mapping[str, object], /) -> str: ...


def folded_names(content: Mapping[str, object]) -> str:
    """Every name of a pupil, folded, with a space between; what is not known is left out."""
    return " ".join(fold(str(name)) for each in NAMES if (name := content.get(each)))


def sort_name(content: Mapping[str, object]) -> str:
    """Family name and given name as they are sorted; Smith, Zoe stands before Smith-Jones, Ann."""
    return "  ".join(sort_key(str(content.get(each) or "")) for each in ("family_name", "given_name"))


DERIVED: Mapping[str, Mapping[str, Fold]] = MappingProxyType(
    {groups.BASIC_DETAILS.name: MappingProxyType({FOLDED: folded_names, SORTED: sort_name})}
)
"""The columns of a data group's table that are made from the others, and how; by the group's name."""


def derived_columns(group: DataGroup) -> tuple[str, ...]:
    """The names of the columns a group's table has beyond its items."""
    return tuple(DERIVED.get(group.name, ()))
