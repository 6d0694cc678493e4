"""A run told in one sentence, and its books as parts of a bar and rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from schoolgate.console import words
from schoolgate.pages.charts import Part
from schoolgate.pages.words import counted, lasted, listed, number
from schoolgate.runs.access import Run
from schoolgate.runs.rules import Terms
from schoolgate.runs.states import Stage

NO_LINKS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class BookRow:
    """One line of the books: received, then what became of it, in the order of ``words.TERMS``."""

    name: str
    label: str
    received: int
    terms: tuple[tuple[str, int], ...]
    adds_up: bool


def total_of(accounts: Mapping[str, Terms]) -> Terms:
    """All groups together: blocks and marks, each counted once."""
    return sum(accounts.values(), Terms())


def headline(run: Run, total: Terms) -> str:
    """The run in a sentence.

    `Snapshot of Ashgrove Primary: 412 pupils read, 37 changes written, 2 need a decision. 8 seconds.`
    """
    opening = f"{words.short_data_type(run.data_type)} of {run.base.name}"
    if run.stage == Stage.FAILED.value:
        return f"{opening} failed. {run.exception_sentence}".strip()
    if run.stage == Stage.CANCELLED.value:
        return f"{opening} was cancelled; nothing was landed."
    if run.stage != Stage.DONE.value:
        return (
            f"{opening}: {words.stage(run.stage).lower()}{f' for {run.waits_for}' if run.waits_for else ''}."
        )
    said = [_pupils(run), _written(total)]
    to_decide = total.in_conflict + total.unmatched + total.refused
    if to_decide:
        said.append(f"{number(to_decide)} {'needs' if to_decide == 1 else 'need'} a decision")
    return f"{opening}: {', '.join(said)}. {_took(run)}".strip()


def _pupils(run: Run) -> str:
    return f"{counted(run.pupils_read, 'pupil')} read"


def _written(total: Terms) -> str:
    if total.written:
        return f"{counted(total.written, 'change')} written"
    return "nothing changed" if total.received else "nothing new was sent"


def _took(run: Run) -> str:
    took = duration(run)
    text = lasted(took)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def duration(run: Run) -> timedelta | None:
    """From the moment a worker took the run up to its end."""
    if run.started_at is None or run.finished_at is None:
        return None
    return run.finished_at - run.started_at


def parts(total: Terms, *, hrefs: Mapping[str, str] = NO_LINKS) -> list[Part]:
    """The flow bar's parts, in the order of the books; ``hrefs`` lead from a term to its rows."""
    order = ("unchanged", "written", "in_conflict", "unmatched", "ignored", "refused", "left_out")
    return [
        Part(
            name=name,
            label=words.TERMS[name][0],
            value=int(getattr(total, name)),
            tone=words.TERMS[name][1],
            href=hrefs.get(name, ""),
        )
        for name in order
    ]


def in_words(total: Terms) -> str:
    """The bar read out."""
    said = [f"{number(part.value)} {part.label.lower()}" for part in parts(total) if part.value]
    return f"Received {number(total.received)}: {listed(said)}." if said else "Nothing was received."


def book_rows(accounts: Mapping[str, Terms]) -> list[BookRow]:
    """The books by data group, in the order in which groups are declared."""
    return [_row(name, words.group(name), terms) for name, terms in accounts.items() if terms.received]


def total_row(accounts: Mapping[str, Terms]) -> BookRow:
    """The foot of the table: every column added up, so that the books balance in both directions."""
    return _row("", "All groups", total_of(accounts))


def _row(name: str, label: str, terms: Terms) -> BookRow:
    return BookRow(
        name=name,
        label=label,
        received=terms.received,
        terms=tuple((term, int(getattr(terms, term))) for term in words.TERMS),
        adds_up=terms.balances(),
    )
