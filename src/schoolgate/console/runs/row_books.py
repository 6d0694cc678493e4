"""The account of the source's rows, which comes before that of the blocks: rows of a table, by domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schoolgate.runs.rules import RowTerms

TERMS = {
    "became": ("Became blocks or marks", "They went into the account by data group."),
    "left_out": ("Left out", "Of pupils whom the task's filters leave out."),
    "refused": ("Refused", "Their block has a value that its group can't hold."),
    "beside": ("Beside another row", "One is kept of a pupil, and another row spoke."),
    "unreadable": ("Can't be read", "They can't be read, or don't say whose they are."),
}
"""What becomes of rows: the column's head, and what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainRow:
    """The rows of one domain: each term with its number, and whether they add up."""

    domain: str
    received: int
    terms: tuple[tuple[str, int], ...]
    adds_up: bool


def row_books(rows: Mapping[str, RowTerms]) -> list[DomainRow]:
    """The account by domain, in the order of their names."""
    return [
        DomainRow(
            domain=domain,
            received=terms.received,
            terms=tuple((term, int(getattr(terms, term))) for term in TERMS),
            adds_up=terms.balances(),
        )
        for domain, terms in sorted(rows.items())
        if terms.received
    ]
