"""The attendance year as a calendar: a table a month, a row a week, two half-day cells a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from django.http import HttpRequest, HttpResponse

from schoolgate.attendance.access import CalendarDay, CalendarMark, YearCalendar, year_for, years_for
from schoolgate.bases.access import bases_by_id_for
from schoolgate.codes.attendance import MarkClass
from schoolgate.console.pupils.record import source_of
from schoolgate.console.pupils.views import about
from schoolgate.console.screen import show
from schoolgate.pages.asked import number
from schoolgate.pages.gate import right
from schoolgate.pages.words import counted, weekday
from schoolgate.runs.access import runs_behind_for

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LOOKS = MappingProxyType(
    {
        MarkClass.PRESENT: "present",
        MarkClass.APPROVED_ACTIVITY: "elsewhere",
        MarkClass.AUTHORISED_ABSENCE: "authorised",
        MarkClass.UNAUTHORISED_ABSENCE: "unauthorised",
        MarkClass.NOT_POSSIBLE: "closed",
        MarkClass.NOT_COUNTED: "closed",
    }
)
Years = list[tuple[int, int]]
"""Base and academic year, newest first."""

LEGEND = (
    ("present", "/", "Present"),
    ("elsewhere", "V", "Approved educational activity"),
    ("authorised", "I", "Authorised absence"),
    ("unauthorised", "O", "Unauthorised absence"),
    ("closed", "#", "Not a possible attendance"),
    ("none", "", "No mark"),
)


@dataclass(frozen=True, kw_only=True)
class Half:
    """One half day; ``words`` say it whole for people who hear or hover."""

    look: str
    code: str
    words: str
    is_corrected: bool


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One day of a month's table; a day that is still to come has no halves."""

    number: int
    halves: tuple[Half, ...]


@dataclass(frozen=True, kw_only=True)
class Month:
    """One month; ``weeks`` hold seven or five cells, with nothing where another month's days are."""

    title: str
    heads: tuple[str, ...]
    weeks: list[list[Cell | None]]


@right("pupils.view")
def pupil_attendance(request: HttpRequest, pupil_id: int) -> HttpResponse:
    """A pupil's year: the newest where the pupil is on roll, unless ``?base=`` and ``?year=`` ask for one."""
    context = about(request, pupil_id)
    held = years_for(request.user, pupil_id)
    base_id, year = _chosen(request, held, on_roll=[each for each, _ in context["head"].bases])
    calendar = year_for(request.user, pupil_id, base_id, year) if held else None
    bases = bases_by_id_for(request.user, (each for each, _ in held))
    context |= {
        "tab": "attendance",
        "years": [(each, bases[each].name, of_year) for each, of_year in held if each in bases],
        "chosen": (base_id, year),
        "calendar": calendar,
        "months": _months(calendar, until=context["today"]) if calendar else [],
        "legend": LEGEND,
    }
    if calendar:
        context["source"] = source_of(
            base_id=base_id, run_id=calendar.run_id, at=calendar.written_at,
            bases=bases, runs=runs_behind_for(request.user, [calendar.run_id]),
        )  # fmt: skip
        context["figures"] = _figures(calendar)
        context["sentence"] = _sentence(calendar, name=context["head"].name, base=bases[base_id].name)
    return show(request, "pupils/attendance.html", context, section="pupils")


def _chosen(request: HttpRequest, held: Years, *, on_roll: Collection[int]) -> tuple[int, int]:
    """What was asked for; else the newest year at a school the pupil is at now, else the newest of all."""
    base_id, year = (number(request.GET.get(name, "")) for name in ("base", "year"))
    if base_id is not None and year is not None and (base_id, year) in held:
        return base_id, year
    here = [each for each in held if each[0] in on_roll]
    return next(iter(here or held), (0, 0))


def _sentence(calendar: YearCalendar, *, name: str, base: str) -> str:
    """How often the pupil was there, and what should worry: `Zoë attended 103 of 110 half days at ….`."""
    counts = calendar.statistics
    attended = counts.present + counts.approved_activity
    possible = attended + counts.authorised + counts.unauthorised
    if not possible:
        return f"No half day at {base} counts yet."
    said = f"{name} attended {attended:,} of {counted(possible, 'half day')} at {base}"
    if not counts.unauthorised:
        return f"{said}."
    is_one = counts.unauthorised == 1
    return f"{said}; {counted(counts.unauthorised, 'absence')} {'is' if is_one else 'are'} unauthorised."


def _figures(calendar: YearCalendar) -> list[tuple[str, str]]:
    counts = calendar.statistics
    attended = counts.present + counts.approved_activity
    possible = attended + counts.authorised + counts.unauthorised
    share = f"{attended / possible:.1%}" if possible else "none"
    return [
        ("Attendance", share),
        ("Possible sessions", f"{possible:,}"),
        ("Attended", f"{attended:,}"),
        ("Authorised absence", f"{counts.authorised:,}"),
        ("Unauthorised absence", f"{counts.unauthorised:,}"),
        ("Late", f"{counts.late:,}"),
    ]


def _months(calendar: YearCalendar, *, until: date) -> list[Month]:
    """The months up to today's; weekends only where a mark stands on one."""
    shown = [month for month in calendar.months if month.first_on <= until]
    has_weekend = any(day.is_weekend and (day.am or day.pm) for month in shown for day in month.days)
    width = 7 if has_weekend else 5
    return [
        Month(
            title=f"{month.first_on:%B %Y}",
            heads=WEEKDAYS[:width],
            weeks=_weeks(month.days, width=width, until=until),
        )
        for month in shown
    ]


def _weeks(days: tuple[CalendarDay, ...], *, width: int, until: date) -> list[list[Cell | None]]:
    weeks: dict[date, list[Cell | None]] = {}
    for day in days:
        if day.on.weekday() >= width:
            continue
        week = weeks.setdefault(day.on - timedelta(days=day.on.weekday()), [None] * width)
        halves = (
            _half(day.am, f"{weekday(day.on)}, morning"),
            _half(day.pm, f"{weekday(day.on)}, afternoon"),
        )
        is_to_come = day.on > until and not (day.am or day.pm)
        week[day.on.weekday()] = Cell(number=day.on.day, halves=() if is_to_come else halves)
    return list(weeks.values())


def _half(mark: CalendarMark | None, when: str) -> Half:
    if mark is None:
        return Half(look="none", code="", words=f"{when}: no mark", is_corrected=False)
    said = f"{when}: {mark.code}, {mark.label}"
    if mark.corrected_from:
        said += f"; corrected from {mark.corrected_from}"
    return Half(
        look=LOOKS[mark.mark_class], code=mark.code, words=said, is_corrected=bool(mark.corrected_from)
    )
