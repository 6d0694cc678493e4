"""Academic years: in which of them a day lies, and on which day one begins.

The authority sets the first day as month and day; everybody who needs it asks
:func:`schoolgate.authority.queries.academic_year_start` and hands it to these functions. A 29 February as
first day is the 1 March of a year that has none.
"""

from __future__ import annotations

from datetime import date

YearStart = tuple[int, int]
"""Month and day on which academic years begin."""
FIRST_OF_SEPTEMBER: YearStart = (9, 1)
"""When they begin unless the authority says otherwise."""
_LEAP_DAY = (2, 29)


def academic_year_of(day: date, *, starts_on: YearStart) -> int:
    """The calendar year in which the day's academic year began."""
    return day.year if (day.month, day.day) >= starts_on else day.year - 1


def first_day(academic_year: int, *, starts_on: YearStart) -> date:
    """The first day of an academic year."""
    if starts_on == _LEAP_DAY:
        return date.fromordinal(date(academic_year, 2, 28).toordinal() + 1)
    return date(academic_year, *starts_on)
