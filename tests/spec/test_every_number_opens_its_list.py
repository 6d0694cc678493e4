"""# Every number of an account opens its list

What a run's page counts can be looked at: each number leads to whose blocks they are and what was said of them,
and the list holds as many. Where the number alone is kept, the page says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from tests import cast
from tests.contracts.sandbox import Sandbox, running
from tests.integration.collecting.journeys import base_of, collected, landed
from tests.landing import ADDRESS, OTHER_ADDRESS, account, enrolled, keys, land, pupil

from schoolgate.lib import clock
from schoolgate.runs.actions import plan_run
from schoolgate.runs.models import Run
from schoolgate.runs.queries import accounts_of
from schoolgate.runs.states import Origin
from schoolgate_message.records import DayMarks, KeptBack

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)
PLACES = {
    "left_out": "left-out/",
    "written": "changes/",
    **{term: f"blocks/?term={term}" for term in ("in_conflict", "unmatched", "ignored", "refused")},
}
"""Where the list behind each term stands. Of what is unchanged the number alone is kept."""


@pytest.fixture
def reads(db: None):
    client = Client()
    client.force_login(cast.officer())

    def read(address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200, address
        return unescape(answer.content.decode())

    return read


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(schools=2, pupils=60) as found:
        yield found


def links_in(page: str) -> dict[str, set[str]]:
    """The numbers of the account that lead anywhere, by address."""
    table = page.partition("sg-books")[2].partition("</table>")[0]
    found: dict[str, set[str]] = {}
    for address, said in re.findall(r'<a class="govuk-link" href="([^"]+)">([\d,]+)</a>', table):
        found.setdefault(address, set()).add(said)
    return found


def number_after(words: str, page: str) -> int:
    found = re.search(rf"{words} ([\d,]+) more", page)
    return int(found[1].replace(",", "")) if found else 0


def rows_behind(reads, address: str) -> int:
    """How many rows the list has, on all its pages."""
    first = reads(address)
    last = max([1, *map(int, re.findall(r"[?&]page=(\d+)", first))])
    joined = "&" if "?" in address else "?"
    pages = [first, *(reads(f"{address}{joined}page={each}") for each in range(2, last + 1))]
    return sum(page.partition("<tbody")[2].count('<th scope="row"') for page in pages)


def follow_every_number(run: Run, reads) -> set[str]:
    """Opens the list behind every number of a run's account; answers the terms that were met."""
    links, met = links_in(reads(f"/runs/{run.pk}/")), set()
    accounts = accounts_of(run.pk)
    for term, place in PLACES.items():
        of = {name: number for name, each in accounts.items() if (number := getattr(each, term))}
        if not of:
            continue
        met.add(term)
        whole = f"/runs/{run.pk}/{place}"
        assert links.pop(whole) == {f"{sum(of.values()):,}"}
        reads(whole)
        for name, number in of.items():
            address = f"{whole}{'&' if '?' in whole else '?'}group={name}"
            assert links.pop(address) == {f"{number:,}"}
            check_list(term, name, number, page=reads(address), rows=rows_behind(reads, address))
    assert not links
    return met


def check_list(term: str, group: str, number: int, *, page: str, rows: int) -> None:
    """The heading says the account's number, and the rows are as many, but for those of which it says why not."""
    heading = re.sub(r"<span.*?</span>", "", page.partition("<h1")[2].partition("</h1>")[0])
    if term == "left_out" and group == "attendance":
        assert f"{number:,} mark" in page
        return
    assert (
        f"{number:,} {'pupil' if term == 'left_out' else 'mark' if group == 'attendance' else 'block'}"
        in heading
    )
    if term == "unmatched":
        assert f"They are of {rows} pupil" in page
    elif group != "attendance":
        beside = re.search(r"([\d,]+) more changes? stands? here", page)
        assert rows + number_after("And", page) - (int(beside[1]) if beside else 0) == number


def test_opens_the_list_behind_every_term_there_is(reads):
    base, other = cast.base(), cast.base("Beckside Primary")
    land(base, pupil("twin one", address=ADDRESS), pupil("young carer", address=ADDRESS))
    main = [enrolled(other, enrolment_status="M")]
    land(other, pupil(keys("on two rolls", external_id="x-1"), address=OTHER_ADDRESS, enrolments=main))
    land(base, roll={"p-009": "Leaver"}, now=LATER)
    run = land(
        base,
        pupil("twin one", address=ADDRESS, ethnicity_language={"ethnicity": "QQQ"}),
        pupil("twin two", address=ADDRESS, marks=[DayMarks(on="2026-11-20", am="/", pm="?")]),
        pupil(keys("an apostrophe", upn=keys("twin one").upn), address=ADDRESS),
        pupil("young carer", with_identity=False, deleted=["basic_details"]),
        pupil("on two rolls", address=ADDRESS, enrolments=[enrolled(base, enrolment_status="S")]),
        kept_back={"contacts": KeptBack(left_out={"cohort.outside": 3}, who={"cohort.outside": ("p-900",)})},
        now=LATER,
    )
    assert account(run, "ethnicity_language") == {"received": 1, "refused": 1}
    assert follow_every_number(run, reads) == PLACES.keys()


def test_opens_the_list_behind_every_number_of_generated_schools(sandbox, reads, monkeypatch):
    cast.set_clock(monkeypatch)
    for school in sandbox.schools():
        base = base_of(sandbox, school)
        pupils = sandbox.control(f"/truth/{school['dfe_number']}")["pupils"]
        for data_type, filters in (("snapshot", []), ("snapshot", ["3"]), ("attendance_changed_data", [])):
            now = clock.now()
            run = plan_run(
                base_id=base.pk,
                origin=Origin.AD_HOC,
                data_type=data_type,
                nc_years=filters,
                planned_at=now,
                now=now,
            )
            run = landed(collected(run))
            assert run.is_balanced
            assert follow_every_number(run, reads) <= PLACES.keys()
            edited = {"dfe_number": school["dfe_number"], "external_id": pupils[0]["external_id"], "row": 0}
            sandbox.control("/edit", {**edited, "domain": "LearnerCulturals", "items": {"Ethnicity": "QQQ"}})
