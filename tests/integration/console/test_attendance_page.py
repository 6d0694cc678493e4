"""The attendance year opens where the pupil is now, and its cells are those of the legend."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from tests import cast

from schoolgate.attendance.models import AttendanceYear
from schoolgate.bases.models import Base
from schoolgate.lib import clock
from schoolgate.pupils.actions import Source, add_pupils, write_blocks
from schoolgate_message import groups

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(clock, "now", lambda: cast.NOW)
    cast.authority()
    made = Client()
    made.force_login(cast.administrator())
    return made


def _enrolled(pupil_id: int, base: Base, **row: str) -> None:
    source = Source(base_id=base.pk, run_id=None, written_at=cast.NOW)
    content = [{"school_dfe_number": base.dfe_number, "entry_on": "2024-09-02", **row}]
    write_blocks(groups.ENROLMENTS, added={pupil_id: content}, changed={}, source=source)


def _year(pupil_id: int, base: Base, year: int, marks: str = "/\\") -> None:
    start = date(year, 9, 1)
    days = (date(2026, 11, 30) - start).days + 1 if year == 2026 else 365
    AttendanceYear.objects.create(
        pupil_id=pupil_id, base_id=base.pk, academic_year=year, start_date=start, marks=(marks * days)[: days * 2],
        whole_codes={}, corrected={}, written_at=cast.NOW,
    )  # fmt: skip


def _moved() -> tuple[int, Base, Base]:
    """A pupil who was at the first school and is at the second, with marks at both."""
    old, new = cast.base("Ashgrove Primary"), cast.base("Beckside Primary")
    [pupil_id] = add_pupils(1, run_id=None, now=cast.NOW)
    _enrolled(pupil_id, old, leaving_on="2026-10-23")
    _enrolled(pupil_id, new, entry_on="2026-11-02")
    return pupil_id, old, new


def _opened(client: Client, pupil_id: int, query: str = "") -> str:
    page = client.get(f"/pupils/{pupil_id}/attendance/{query}").content.decode()
    [found] = re.findall(r'aria-current="true">([^<]*)</a>', page)
    return str(found)


def test_opens_at_the_school_where_the_pupil_is_now(client):
    pupil_id, old, new = _moved()
    _year(pupil_id, old, 2025)
    _year(pupil_id, old, 2026)
    _year(pupil_id, new, 2026)
    assert _opened(client, pupil_id) == "2026 to 2027, Beckside Primary"
    assert _opened(client, pupil_id, f"?base={old.pk}&year=2025") == "2025 to 2026, Ashgrove Primary"


def test_opens_at_the_newest_year_while_the_new_school_has_sent_no_mark(client):
    pupil_id, old, _ = _moved()
    _year(pupil_id, old, 2025)
    _year(pupil_id, old, 2026)
    assert _opened(client, pupil_id) == "2026 to 2027, Ashgrove Primary"


def test_takes_a_pupil_who_leaves_next_summer_for_one_on_roll(client):
    base = cast.base()
    [pupil_id] = add_pupils(1, run_id=None, now=cast.NOW)
    _enrolled(pupil_id, base, leaving_on="2027-07-21", nc_year="6")
    page = client.get(f"/pupils/{pupil_id}/").content.decode()
    assert "Year 6" in page
    assert "not on a roll" not in page
    assert cast.base().name in client.get(f"/pupils/?base={base.pk}").content.decode()


def test_shows_no_mark_as_the_legend_does_and_nothing_for_days_to_come(client):
    base = cast.base()
    [pupil_id] = add_pupils(1, run_id=None, now=cast.NOW)
    _enrolled(pupil_id, base)
    _year(pupil_id, base, 2026, marks="/-")
    AttendanceYear.objects.update(marks="/-" * ((cast.TODAY - date(2026, 9, 1)).days + 1) + "--" * 7)
    page = client.get(f"/pupils/{pupil_id}/attendance/").content.decode()
    assert "Monday 23 November, afternoon: no mark" in page
    assert "Tuesday 24 November" not in page
    calendar = page[page.index('class="sg-year"') :]
    looks = set(re.findall(r"sg-half--(\w+)", calendar))
    legend = set(re.findall(r"sg-half--(\w+)", page[: page.index('class="sg-year"')]))
    assert looks == {"present", "none"}
    assert looks <= legend
