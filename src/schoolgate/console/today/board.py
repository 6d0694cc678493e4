"""The collection board: bases down, the last days across, one square each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.urls import reverse

from schoolgate.lib.clock import london_day
from schoolgate.pages.charts import Board, BoardRow
from schoolgate.pages.words import counted, day, weekday
from schoolgate.runs.states import OUTCOMES
from schoolgate.tasks.queries import holidays

DAYS = 14
ONE_DAY = timedelta(days=1)
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "landed": OUTCOMES["exported"].today,
        "unchanged": OUTCOMES["nothing_changed"].today,
        "failed": OUTCOMES["failed"].today,
        "missed": OUTCOMES["missed"].today,
        "holiday": "holiday",
        "not-due": "not due",
    }
)
_BOARD = (Path(__file__).parent / "board.sql").read_text(encoding="utf-8")


def board(
    names: Mapping[int, str],
    *,
    silent_since: Mapping[int, datetime],
    now: datetime,
    buffer: timedelta,
    is_log_open: bool = False,
) -> Board:
    """The lines of these bases, in the order given; two queries whatever their number.

    ``silent_since`` has the last landing of every base from which nothing has come for long. With the task
    log open to the reader, what a line says leads to its rows there.
    """
    days = [london_day(now) - timedelta(days=back) for back in reversed(range(DAYS))]
    states = {
        **dict.fromkeys(holidays(names.keys(), from_on=days[0], until_on=days[-1] + ONE_DAY), "holiday"),
        **_states(names.keys(), now=now, since=now - timedelta(days=DAYS), buffer=buffer),
    }
    bases = reverse("bases")
    rows = []
    for base_id, name in names.items():
        line = [states.get((base_id, each), "not-due") for each in days]
        rows.append(
            BoardRow(
                label=name,
                href=f"{bases}{base_id}/",
                states=line,
                note=_note(line, silent_since.get(base_id)),
                note_href=f"{bases}{base_id}/log/?{_behind(line, from_on=days[0])}" if is_log_open else "",
            )
        )
    return Board(
        columns=[(f"{each:%a}"[:1], weekday(each)) for each in days],
        rows=rows,
        legend={state: words.capitalize() for state, words in WORDS.items()},
    )


def _behind(states: list[str], *, from_on: date) -> str:
    """Which rows of the task log a line is about: those that failed, or all of these days."""
    return f"from_on={from_on.isoformat()}" + ("&status=failed" if "failed" in states else "")


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


def _states(
    base_ids: Collection[int], *, now: datetime, since: datetime, buffer: timedelta
) -> dict[tuple[int, date], str]:
    asked: dict[str, Any] = {"now": now, "since": since, "late": now - buffer, "base_ids": list(base_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_BOARD, asked)
        return {(row[0], row[1]): _state(*row[2:]) for row in cursor.fetchall()}


def _state(is_failed: bool, is_missed: bool, is_landed: bool, is_unchanged: bool) -> str:
    if is_failed:
        return "failed"
    if is_missed:
        return "missed"
    if is_landed:
        return "landed"
    return "unchanged" if is_unchanged else "not-due"
