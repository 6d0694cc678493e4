"""One page of a long list, and the links to the others that keep the filters in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict

from schoolgate.pages import asked

Row = TypeVar("Row")

PAGE_SIZE = 50
COUNT_AT_MOST = 100_000
"""Counting stops here: past it a person filters, and the database should not read millions of rows."""


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[Row]):
    """The rows of one page. ``total`` stops at COUNT_AT_MOST, and then ``is_capped`` says so."""

    rows: Sequence[Row]
    total: int
    number: int
    pages: int
    is_capped: bool = False
    query: QueryDict = field(default_factory=QueryDict)

    def address(self, number: int) -> str:
        """The link to another page of the same list."""
        kept = self.query.copy()
        kept["page"] = str(number)
        return f"?{kept.urlencode()}"

    @property
    def total_words(self) -> str:
        """The count as shown: 1,204, or `more than 100,000`."""
        return f"more than {COUNT_AT_MOST:,}" if self.is_capped else f"{self.total:,}"

    @property
    def pager(self) -> dict[str, Any]:
        """What GOV.UK's pagination asks for; empty with a single page."""
        if self.pages <= 1:
            return {}
        near = {1, self.pages, self.number - 1, self.number, self.number + 1}
        items: list[dict[str, Any]] = []
        for each in sorted(n for n in near if 1 <= n <= self.pages):
            if items and each - int(items[-1]["number"]) > 1:
                items.append({"ellipsis": True, "number": each - 1})
            items.append({"number": each, "href": self.address(each), "current": each == self.number})
        found: dict[str, Any] = {"items": items, "landmarkLabel": "Pages of this list"}
        if self.number > 1:
            found["previous"] = {"href": self.address(self.number - 1)}
        if self.number < self.pages:
            found["next"] = {"href": self.address(self.number + 1)}
        return found


def listing(
    rows: QuerySet[Model, Any] | Sequence[Any], *, query: QueryDict, size: int = PAGE_SIZE
) -> Listing[Any]:
    """The page that ``?page=`` asks for; a number that is none or too large gives the nearest page.

    Two queries whatever the length of the list: a count that stops at COUNT_AT_MOST, and the rows.
    """
    total = _count(rows)
    pages = max(-(-min(total, COUNT_AT_MOST) // size), 1)
    wanted = asked.number(query.get("page", "1"))
    number = min(max(wanted or 1, 1), pages)
    start = (number - 1) * size
    kept = query.copy()
    kept.pop("page", None)
    return Listing(
        rows=list(rows[start : start + size]),
        total=min(total, COUNT_AT_MOST),
        number=number,
        pages=pages,
        is_capped=total > COUNT_AT_MOST,
        query=kept,
    )


def _count(rows: QuerySet[Model, Any] | Sequence[Any]) -> int:
    if isinstance(rows, QuerySet):
        return int(rows.order_by()[: COUNT_AT_MOST + 1].count())
    return len(rows)
