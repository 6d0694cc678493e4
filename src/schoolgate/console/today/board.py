"""The collection board: bases down, the last days across, one square each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

from django.urls import reverse

from schoolgate.accounts.rights import Person
from schoolgate.lib.clock import london_day
from schoolgate.pages.charts import Board, BoardRow
from schoolgate.pages.words import counted, day, weekday
from schoolgate.runs.access import outcomes_by_day_for
from schoolgate.runs.standing import Outcome
from schoolgate.runs.states import OUTCOMES
from schoolgate.tasks.access import holidays_for

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


def board(
    user: Person,
    names: Mapping[int, str],
    *,
    silent_since: Mapping[int, datetime],
    now: datetime,
    buffer: timedelta,
    is_log_open: bool = False,
) -> Board:
    """The lines of these bases as somebody sees them, in the order given; two queries whatever their number.

    ``silent_since`` has the last landing of every base from which nothing has come for long. With the task
    log open to the reader, what a line says leads to its rows there.
    """
    days = [london_day(now) - timedelta(days=back) for back in reversed(range(DAYS))]
    closed = holidays_for(user, names.keys(), from_on=days[0], until_on=days[-1] + ONE_DAY)
    since = now - timedelta(days=DAYS)
    ran = outcomes_by_day_for(user, names.keys(), now=now, since=since, buffer=buffer)
    states = {
        **dict.fromkeys(closed, "holiday"),
        **{place: _state(outcome) for place, outcome in ran.items()},
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


def _state(outcome: Outcome) -> str:
    """The worst of a day."""
    if outcome.is_failed:
        return "failed"
    if outcome.is_missed:
        return "missed"
    if outcome.is_landed:
        return "landed"
    return "unchanged" if outcome.is_unchanged else "not-due"
