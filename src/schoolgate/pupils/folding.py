"""A pupil's names as the search looks for them: folded, so that Zoe finds Zoë and O Neill finds O'Neill.

They stand in a column of their own beside the names, written by whatever writes the names, and not in an
index over an expression: PostgreSQL knows neither case nor letters beyond ASCII under every locale it may
have been set up with, and the search must fold as the matching of pupils does, by the same function.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from schoolgate.lib.folding import fold
from schoolgate_message import groups
from schoolgate_message.items import DataGroup

FOLDED = "names_folded"
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


DERIVED: Mapping[str, tuple[str, Fold]] = MappingProxyType(
    {groups.BASIC_DETAILS.name: (FOLDED, folded_names)}
)
"""The column of a data group's table that is made from the others, and how; by the group's name."""


def derived_columns(group: DataGroup) -> tuple[str, ...]:
    """The names of the columns a group's table has beyond its items."""
    return (DERIVED[group.name][0],) if group.name in DERIVED else ()
