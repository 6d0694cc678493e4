"""Pictures drawn on the server as SVG: the numbers become places and widths here, the colours are CSS.

No script and no style attribute, so they read under our strict policy, on paper and without script.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

BAR_WIDTH = 1000
SLIVER = 4
"""A part that isn't nothing is always seen: its least width, taken from the widest."""
SQUARE_STEP = 20
_SQUARE = Markup('<use href="#square-{}" x="{}"><title>{}: {}</title></use>')


@dataclass(frozen=True, kw_only=True)
class Part:
    """One term of a whole: ``tone`` names its colour and hatching in the style sheet."""

    name: str
    label: str
    value: int
    tone: str
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A part with its place on the bar, in units of a thousandth of the whole."""

    part: Part
    x: float
    width: float


def segments(parts: Iterable[Part]) -> list[Segment]:
    """The bar to scale: widths add up to BAR_WIDTH, parts of nothing are left out."""
    shown = [part for part in parts if part.value > 0]
    total = sum(part.value for part in shown)
    if not total:
        return []
    widths = [max(part.value / total * BAR_WIDTH, SLIVER) for part in shown]
    widths[widths.index(max(widths))] -= sum(widths) - BAR_WIDTH
    found: list[Segment] = []
    x = 0.0
    for part, width in zip(shown, widths, strict=True):
        found.append(Segment(part=part, x=round(x, 2), width=round(width, 2)))
        x += width
    return found


@dataclass(frozen=True, kw_only=True)
class BoardRow:
    """One line of a board: a state a column, and what the line says in words, leading to the rows behind."""

    label: str
    href: str
    states: Sequence[str]
    note: str = ""
    note_href: str = ""


@dataclass(frozen=True, kw_only=True)
class Board:
    """Lines down, columns across; ``columns`` are the headings, ``legend`` has a meaning for every state."""

    columns: Sequence[tuple[str, str]]
    rows: Sequence[BoardRow]
    legend: Mapping[str, str]

    def squares(self, row: BoardRow) -> Markup:
        """A line's squares as SVG."""
        days, meanings = self.columns, self.legend
        drawn = [
            _square(place, state, days[place][1], meanings[state]) for place, state in enumerate(row.states)
        ]
        return Markup("".join(drawn))  # noqa: S704 - each of them is escaped


@lru_cache(maxsize=1024)
def _square(place: int, state: str, day: str, meaning: str) -> Markup:
    """One square. A county's board has thousands, of few kinds, so that each kind is written once."""
    return _SQUARE.format(state, place * SQUARE_STEP, day, meaning.lower())


def gauge(used: float, *, limit: float) -> float:
    """How much of a limit is used, 0 to BAR_WIDTH."""
    return round(min(max(used / limit, 0.0), 1.0) * BAR_WIDTH, 1) if limit > 0 else 0.0
