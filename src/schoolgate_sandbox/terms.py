"""The school calendar: academic years, terms, bank holidays and summer time.

Term dates are Bedfordshire-like for 2024 to 2027; for other years the nearest
known year is shifted by whole weeks. Days are handled as proleptic ordinals.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache

_SEPTEMBER = 9
_FRIDAY = 4
_EPOCH = date(1970, 1, 1).toordinal()
SECONDS_A_DAY = 86_400
SESSIONS = ("AM", "PM")

TERMS: dict[int, tuple[tuple[str, str], ...]] = {
    2024: (
        ("2024-09-03", "2024-10-25"),
        ("2024-11-04", "2024-12-20"),
        ("2025-01-06", "2025-02-14"),
        ("2025-02-24", "2025-04-04"),
        ("2025-04-22", "2025-05-23"),
        ("2025-06-02", "2025-07-22"),
    ),
    2025: (
        ("2025-09-02", "2025-10-24"),
        ("2025-11-03", "2025-12-19"),
        ("2026-01-05", "2026-02-13"),
        ("2026-02-23", "2026-03-27"),
        ("2026-04-13", "2026-05-22"),
        ("2026-06-01", "2026-07-21"),
    ),
    2026: (
        ("2026-09-02", "2026-10-23"),
        ("2026-11-02", "2026-12-18"),
        ("2027-01-04", "2027-02-12"),
        ("2027-02-22", "2027-03-25"),
        ("2027-04-12", "2027-05-28"),
        ("2027-06-07", "2027-07-22"),
    ),
}


def academic_year(day: date) -> int:
    """Give the year in which the day's academic year (from 1 September) began."""
    return day.year if day.month >= _SEPTEMBER else day.year - 1


def year_start(year: int) -> date:
    """Give the first day of an academic year."""
    return date(year, _SEPTEMBER, 1)


def easter(year: int) -> date:
    """Give Easter Sunday of the Gregorian calendar (the anonymous algorithm)."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * week) // 451
    month, day = divmod(epact + week - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _monday_on_or_after(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def _substitute(day: date) -> date:
    """Move a holiday that falls on a weekend to the next Monday."""
    return _monday_on_or_after(day) if day.weekday() > _FRIDAY else day


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """Give England's bank holidays of a calendar year."""
    sunday = easter(year)
    christmas = _substitute(date(year, 12, 25))
    boxing = _substitute(date(year, 12, 26))
    if boxing == christmas:
        boxing = christmas + timedelta(days=1)
    return frozenset(
        {
            _substitute(date(year, 1, 1)),
            sunday - timedelta(days=2),
            sunday + timedelta(days=1),
            _monday_on_or_after(date(year, 5, 1)),
            _monday_on_or_after(date(year, 5, 25)),
            _monday_on_or_after(date(year, 8, 25)),
            christmas,
            boxing,
        }
    )


@cache
def school_days(year: int) -> tuple[int, ...]:
    """Give the ordinals of all days in term of an academic year, in order."""
    known = min(max(year, min(TERMS)), max(TERMS))
    shift = timedelta(days=364 * (year - known))
    days: list[int] = []
    for first, last in TERMS[known]:
        day, end = date.fromisoformat(first) + shift, date.fromisoformat(last) + shift
        while day <= end:
            if day.weekday() <= _FRIDAY and day not in bank_holidays(day.year):
                days.append(day.toordinal())
            day += timedelta(days=1)
    return tuple(days)


def _last_sunday(year: int, month: int) -> date:
    day = date(year, month, 31)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def is_summer_time(day: date) -> bool:
    """Tell whether clocks in England stand one hour before UTC by day."""
    return _last_sunday(day.year, 3) <= day < _last_sunday(day.year, 10)


def at(ordinal: int, *, hour: int, minute: int = 0) -> float:
    """Give the UTC instant, in epoch seconds, of an English clock time on a day."""
    seconds = (ordinal - _EPOCH) * SECONDS_A_DAY + hour * 3600 + minute * 60
    return float(seconds - 3600 * is_summer_time(date.fromordinal(ordinal)))


def day_of(instant: float) -> int:
    """Give the ordinal of an instant's UTC day."""
    return int(instant // SECONDS_A_DAY) + _EPOCH


def iso(instant: float) -> str:
    """Write an instant as the API does: YYYY-MM-DDThh:mm:ssZ."""
    moment = datetime.fromtimestamp(instant, tz=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
