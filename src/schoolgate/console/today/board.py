"""The collection board: bases down, the last days across, one square each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from django.db import connection
from django.urls import reverse

from schoolgate.lib.clock import london_day
from schoolgate.pages.charts import Board, BoardRow, Square
from schoolgate.pages.words import counted, day, weekday
from schoolgate.tasks.queries import holidays

DAYS = 14
ONE_DAY = timedelta(days=1)
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "landed": "landed",
        "unchanged": "nothing changed",
        "failed": "failed",
        "missed": "missed",
        "holiday": "holiday",
        "not-due": "not due",
    }
)
_BOARD = (Path(__file__).parent / "board.sql").read_text(encoding="utf-8")


def board(
    names: Mapping[int, str], *, silent_since: Mapping[int, datetime], now: datetime, buffer: timedelta
) -> Board:
    """The lines of these bases, in the order given; few queries whatever their number.

    ``silent_since`` has the last landing of every base from which nothing has come for long.
    """
    days = [london_day(now) - timedelta(days=back) for back in reversed(range(DAYS))]
    states = {
        **dict.fromkeys(holidays(names.keys(), from_on=days[0], until_on=days[-1] + ONE_DAY), "holiday"),
        **_states(now=now, since=now - timedelta(days=DAYS), buffer=buffer),
    }
    rows = [
        BoardRow(
            label=name,
            href=reverse("base", args=[base_id]),
            squares=[_square(states.get((base_id, each), "not-due"), each) for each in days],
            note=_note([states.get((base_id, each), "not-due") for each in days], silent_since.get(base_id)),
        )
        for base_id, name in names.items()
    ]
    return Board(
        columns=[(f"{each:%a}"[:1], weekday(each)) for each in days],
        rows=rows,
        legend=[(state, words.capitalize()) for state, words in WORDS.items()],
    )


def _square(state: str, on: date) -> Square:
    return Square(state=state, label=f"{weekday(on)}: {WORDS[state]}")


def _note(states: list[str], silent_since: datetime | None) -> str:
    """What a line says in words: only what is out of order, or that nothing is."""
    if silent_since is not None:
        return f"silent since {day(silent_since)}"
    said = [
        f"{counted(states.count(state), 'day')} {WORDS[state]}"
        for state in ("failed", "missed")
        if state in states
    ]
    if said:
        return ", ".join(said)
    done = len(states) - states.count("not-due") - states.count("holiday")
    return f"came through on {counted(done, 'day')}" if done else "not collected yet"


def _states(*, now: datetime, since: datetime, buffer: timedelta) -> dict[tuple[int, date], str]:
    with connection.cursor() as cursor:
        cursor.execute(_BOARD, {"now": now, "since": since, "late": now - buffer})
        return {(row[0], row[1]): _state(*row[2:6]) for row in cursor.fetchall()}


def _state(is_failed: bool, is_missed: bool, is_landed: bool, is_unchanged: bool) -> str:
    if is_failed:
        return "failed"
    if is_missed:
        return "missed"
    if is_landed:
        return "landed"
    return "unchanged" if is_unchanged else "not-due"
