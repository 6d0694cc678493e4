"""Held: what waits is listed by cause and base, shown with both sides, and decided by who may."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import cast
from tests.landing import ADDRESS, OTHER_ADDRESS, enrolled, keys, land, pupil
from tests.many import child, school
from tests.waiting import absence, block, delete, marks, pupil_of, put

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.bases.models import Base
from schoolgate.blocks.models import Outstanding
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.holding.queries import entries_that_wait, released
from schoolgate.runs.models import Run, RunException
from schoolgate_message.records import DayMarks

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(hours=1)
TWIN = keys("twin one").external_id
OTHER_TWIN = keys("twin two").external_id


@pytest.fixture
def officer() -> Client:
    return signed_in(cast.officer())


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return as_text(answer.content.decode())


def as_text(page: str) -> str:
    main = page[page.index("<main") :]
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", main).split()))


def ticks_of(client: Client, entry: HeldEntry) -> list[str]:
    page = client.get(f"/held/{entry.pk}/").content.decode()
    return [unescape(each) for each in re.findall(r'name="pupil" value="([^"]+)"', page)]


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def decide(client: Client, entry: HeldEntry, **told) -> str:
    """Press a button, read what will happen, give the reason and confirm; answers what then stands there."""
    address = f"/held/{entry.pk}/decide/"
    asked = client.post(address, told)
    assert asked.status_code == 200, asked.content
    confirmed = {
        **told,
        "confirmed": "1",
        "seen": seen_on(asked.content.decode()),
        "reason": "I asked the school.",
    }
    answer = client.post(address, confirmed, follow=True)
    return as_text(answer.content.decode())


def doubted(base: Base) -> HeldEntry:
    land(base, pupil("twin one", address=ADDRESS), pupil("twin two", address=ADDRESS))
    return put(
        base,
        block("twin one", "address", OTHER_ADDRESS, pupil_id=pupil_of(base, "twin one")),
        block(
            keys("twin one", given_name="Ada"),
            "basic_details",
            {"given_name": "Ada", "family_name": "Marlowe", "date_of_birth": "2017-03-09", "sex": "F"},
            pupil_id=pupil_of(base, "twin one"),
        ),
        block("twin two", "address", OTHER_ADDRESS, pupil_id=pupil_of(base, "twin two")),
    )


def test_says_how_much_waits_and_since_when_and_lists_it_by_cause_and_base(officer):
    ashgrove, millbrook = cast.base(), cast.base("Millbrook Primary")
    doubted(ashgrove)
    put(millbrook, absence("no UPN"), absence("another script"), now=cast.NOW - timedelta(days=11))
    said = text_of(officer, "/held/")
    assert "2 causes wait for you at 2 bases: 4 pupils, the oldest since 12 November 2026." in said
    assert said.index("Known id, other details") < said.rindex("Missing from the roll")
    assert "Millbrook Primary : Missing from the roll 2 pupils 12 November 2026" in said


def test_narrows_the_list_and_not_the_headline(officer):
    ashgrove, millbrook = cast.base(), cast.base("Millbrook Primary")
    doubted(ashgrove)
    put(millbrook, absence("no UPN"))
    for filters in (f"base={millbrook.pk}", "cause=roll.absent"):
        page = officer.get(f"/held/?{filters}").content.decode()
        assert "2 causes wait for you" in page
        assert page.count('data-label="Since"') == 1
    assert "Nothing fits these filters" in text_of(officer, f"/held/?base={millbrook.pk}&cause=match.doubted")


def test_says_that_nothing_waits(officer):
    cast.authority()
    assert "Nothing waits for you. Nothing is held" in text_of(officer, "/held/")
    assert "Nothing was decided yet" in text_of(officer, "/held/decided/")
    assert "Nothing waits to be mended" in text_of(officer, "/held/told/")


def test_shows_both_sides_with_what_differs_marked(officer):
    entry = doubted(cast.base())
    page = officer.get(f"/held/{entry.pk}/").content.decode()
    said = as_text(page)
    assert "2 pupils wait for you." in said
    assert "The school says Ada Marlowe" in said
    assert re.search(r"Given name Iris (Differs: )?Ada", said)
    assert "Family name Marlowe Marlowe" in said
    assert "Town Otley Differs: Ilkley" in said
    assert page.count("sg-differs") == said.count("Differs: ")


def test_shows_a_row_that_differs_item_by_item(officer):
    base = cast.base()
    mobile, home = ({"kind": "Telephone", "location": each} for each in ("M", "H"))
    old = [{**mobile, "value": "07700 900111"}, {**home, "value": "01632 960001"}]
    land(base, pupil("twin one", communications=old))
    new = [{**mobile, "value": "07700 900222"}, {**home, "value": "01632 960001"}]
    entry = put(base, block("twin one", "communications", new, pupil_id=pupil_of(base, "twin one")))
    page = officer.get(f"/held/{entry.pk}/").content.decode()
    assert "Mobile telephone 07700 900111 Differs: 07700 900222" in as_text(page)
    assert page.count("sg-differs") == 1


def test_shows_what_a_pupil_is_recognised_by_where_only_other_blocks_wait(officer):
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    other = keys("twin one", given_name="Ada")
    entry = put(base, block(other, "address", ADDRESS, pupil_id=pupil_of(base, "twin one")))
    assert re.search(r"Recognised by UPN|Recognised by", text_of(officer, f"/held/{entry.pk}/"))
    assert "Iris Differs: Ada" in text_of(officer, f"/held/{entry.pk}/")


def test_shows_deletes_absences_and_marks_on_both_sides(officer):
    base = cast.base()
    enrolment = {"school_dfe_number": base.dfe_number, "entry_on": "2023-09-05", "nc_year": "3"}
    land(
        base,
        pupil("twin one", address=ADDRESS, enrolments=[enrolment], marks=[DayMarks(on="2026-11-20", am="N")]),
    )
    pupil_id = pupil_of(base, "twin one")
    cleared = put(base, delete("twin one", "enrolments", code="delete.enrolments", pupil_id=pupil_id))
    assert re.search(r"5 September 2023[^–]* Differs: Deleted", text_of(officer, f"/held/{cleared.pk}/"))
    whole = put(base, delete("twin one", "address", pupil_id=pupil_id))
    assert re.search(r"Otley[^–]* Differs: Deleted", text_of(officer, f"/held/{whole.pk}/"))
    absent = put(base, absence("twin one", pupil_id=pupil_id))
    said = text_of(officer, f"/held/{absent.pk}/")
    assert "5 September 2023" in said
    assert "Not named by the roll" in said
    waiting = marks("twin one", DayMarks(on="2026-11-20", am="I"), DayMarks(on="2026-11-19", pm="/"))
    marked = put(base, waiting)
    HeldItem.objects.filter(entry=marked).update(pupil_id=pupil_id)
    said = text_of(officer, f"/held/{marked.pk}/")
    assert "Fri 20 Nov 2026 AM N Differs: I" in said
    assert "Thu 19 Nov 2026 PM – Differs: /" in said


def test_is_an_open_point_of_the_pupil_until_it_is_decided(officer):
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    land(base, pupil("twin one", deleted=["basic_details"], with_identity=False), now=LATER)
    about = f"/pupils/{pupil_of(base, 'twin one')}/"
    entry = HeldEntry.objects.get(base=base)
    assert f'href="/held/{entry.pk}/"' in officer.get(about).content.decode()
    assert "1 open point" in text_of(officer, about)
    decide(officer, entry, do="refuse", whom="everybody")
    assert "No open points" in text_of(officer, about)


def test_says_what_a_release_does_before_it_does_it(officer):
    entry = doubted(cast.base())
    tick = ticks_of(officer, entry)[0]
    told = {"do": "same pupil", "pupil": tick}
    page = officer.post(f"/held/{entry.pk}/decide/", told).content.decode()
    said = as_text(page)
    assert "1 pupil, 2 blocks. What the school sent is written to the pupil's record" in said
    assert "Iris Marlowe" in said
    assert Run.objects.filter(origin="release").count() == 0
    without_reason = {**told, "confirmed": "1", "seen": seen_on(page), "reason": " "}
    again = officer.post(f"/held/{entry.pk}/decide/", without_reason).content.decode()
    assert "Say in a few words why." in as_text(again)
    assert Run.objects.filter(origin="release").count() == 0


def test_releases_the_ticked_pupils_alone(officer):
    entry = doubted(cast.base())
    said = decide(officer, entry, do="same pupil", whom="ticked", pupil=ticks_of(officer, entry)[0])
    assert "1 pupil released." in said
    run = Run.objects.get(origin="release")
    assert run.requested_by == cast.officer().pk
    assert {external_id for external_id, _ in released(run.pk)} == {TWIN}
    assert [(each.pupils, each.on_their_way) for each in entries_that_wait(EVERYTHING)] == [(1, 1)]
    said = text_of(officer, f"/held/{entry.pk}/")
    assert "1 pupil waits for you, 1 more is being landed." in said
    assert len(ticks_of(officer, entry)) == 1


def test_releases_everybody_only_when_asked_to(officer):
    entry = doubted(cast.base())
    decide(officer, entry, do="same pupil", whom="everybody")
    assert [(each.pupils, each.on_their_way) for each in entries_that_wait(EVERYTHING)] == [(0, 2)]
    assert "Nothing waits for you." in text_of(officer, "/held/")


def test_does_nothing_where_nobody_was_ticked(officer):
    entry = doubted(cast.base())
    answer = officer.post(f"/held/{entry.pk}/decide/", {"do": "refuse", "whom": "ticked"}, follow=True)
    assert "Nobody was ticked, so nothing was done." in as_text(answer.content.decode())
    assert [each.pupils for each in entries_that_wait(EVERYTHING)] == [2]


def test_refuses_with_a_reason_that_stands_among_what_was_decided(officer):
    base = cast.base()
    entry = put(base, absence("twin one"))
    assert "Refused for 1 pupil." in decide(officer, entry, do="refuse", whom="everybody")
    said = text_of(officer, "/held/decided/")
    assert "Missing from the roll" in said
    assert "Refused" in said
    assert "Olwen Pryce I asked the school." in said
    said = text_of(officer, f"/held/{entry.pk}/")
    assert "by Olwen Pryce: I asked the school." in said
    assert ticks_of(officer, entry) == []


@pytest.mark.parametrize("when", ["before the question", "before the answer"])
@pytest.mark.parametrize("whom", ["ticked", "everybody"])
def test_decides_nothing_the_person_has_not_looked_at(officer, when, whom):
    base = cast.base()
    entry = doubted(base)
    address = f"/held/{entry.pk}/decide/"
    told = {"do": "refuse", "whom": whom, "pupil": ticks_of(officer, entry), "reason": "Not ours."}
    newer = block(
        "twin one", "address", {"town": "Leeds"}, read_at=LATER, pupil_id=pupil_of(base, "twin one")
    )
    if when == "before the question":
        put(base, newer, now=LATER)
        if whom == "everybody":
            assert officer.post(address, told).status_code == 200
            return
        answer = officer.post(address, told, follow=True)
    else:
        seen = seen_on(officer.post(address, told).content.decode())
        put(base, newer, now=LATER)
        answer = officer.post(address, {**told, "confirmed": "1", "seen": seen}, follow=True)
    assert "is no longer what you looked at" in as_text(answer.content.decode())
    assert [each.pupils for each in entries_that_wait(EVERYTHING)] == [2]


def test_offers_both_ways_where_a_child_may_be_on_two_rolls(officer):
    old, new = cast.base(), cast.base("Millbrook Primary")
    land(old, pupil("no UPN"))
    other = keys("no UPN", external_id="q-003")
    code = "match.two_schools"
    entry = put(new, block(other, "address", ADDRESS, code=code, pupil_id=pupil_of(old, "no UPN")))
    said = text_of(officer, f"/held/{entry.pk}/")
    assert "Also known at Ashgrove Primary (Current)" in said
    assert "Release: it is the same child Release: it is another child Refuse" in said
    decide(officer, entry, do="another child", whom="everybody")
    run = Run.objects.get(origin="release")
    assert {each.decision for each in released(run.pk).values()} == {"another child"}


def test_lets_nobody_look_or_decide_without_the_right():
    entry = doubted(cast.base())
    reader = signed_in(cast.reader())
    for address in ("/held/", "/held/decided/", f"/held/{entry.pk}/"):
        assert reader.get(address).status_code == 403
    assert reader.post(f"/held/{entry.pk}/decide/", {"do": "refuse", "whom": "everybody"}).status_code == 403
    assert [each.pupils for each in entries_that_wait(EVERYTHING)] == [2]


def test_changes_nothing_on_a_get_and_finds_no_entry_under_a_wrong_number(officer):
    entry = doubted(cast.base())
    assert officer.get(f"/held/{entry.pk}/decide/").status_code == 405
    assert officer.get("/held/999999/").status_code == 404
    assert officer.post("/held/999999/decide/", {"do": "refuse"}).status_code == 404


def test_keeps_what_runs_told_within_reach(officer):
    base = cast.base()
    run = cast.run(base)
    waits = {"base": base, "code": "a.code", "since_at": cast.NOW, "run_id": run.pk}
    for kind, group in (("unmatched", ""), ("refused", "address")):
        told = {"kind": kind, "sentence": f"It was {kind}.", "external_id": kind, "group": group}
        RunException.objects.create(run=run, base_id=base.pk, code="a.code", remedy="Ask them.", **told)
        Outstanding.objects.create(external_id=kind, group="address", **waits)
    said = text_of(officer, "/held/told/")
    assert "It was unmatched." in said
    assert "It was refused." in said
    assert "1 pupil unmatched and 1 value refused wait to be mended" in said
    assert "It was refused." not in text_of(officer, "/held/told/?kind=unmatched")
    Outstanding.objects.filter(external_id="refused").delete()
    assert "It was refused." not in text_of(officer, "/held/told/")


def test_says_on_today_how_much_waits_and_leads_there(officer):
    doubted(cast.base())
    page = officer.get("/").content.decode()
    assert "1 cause waits for you at 1 base: 2 pupils" in as_text(page)
    assert '<a class="govuk-link" href="/held/">' in page


def test_asks_no_more_questions_for_more_pupils_and_pages_them(officer):
    base = cast.base()
    counts = []
    for many in (2, 45):
        entry = put(
            base,
            *(
                block(keys("twin one", external_id=f"x-{number:03}"), "address", ADDRESS)
                for number in range(many)
            ),
        )
        with CaptureQueriesContext(connection) as asked:
            page = officer.get(f"/held/{entry.pk}/").content.decode()
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert page.count('class="sg-held"') == 20
    assert "Pages of this list" in page
    last = officer.get(f"/held/{entry.pk}/?page=3").content.decode()
    assert last.count('class="sg-held"') == 5


def test_shows_by_what_a_pupil_is_recognised_where_the_question_alone_waits(officer):
    old, new = cast.base(), cast.base("Millbrook Primary")
    land(old, pupil("no UPN", address=ADDRESS), roll={keys("no UPN").external_id: "Future"})
    land(new, pupil(keys("no UPN", external_id="q-003")))
    land(old, roll={keys("no UPN").external_id: "Current"}, now=LATER)
    entry = HeldEntry.objects.get(base=old)
    said = text_of(officer, f"/held/{entry.pk}/")
    assert "Perhaps on two rolls" in said
    assert re.search(r"Recognised by .*Wexford Wexford.*Tobias Tobias", said)
    assert "Also known at Millbrook Primary (Current)" in said
    decide(officer, entry, do="refuse", whom="everybody")
    assert "Who it is. What was sent is no longer kept here." in text_of(officer, f"/held/{entry.pk}/")


def test_decides_about_what_would_be_taken_from_many_like_about_anything_else(officer):
    base = cast.base()
    land(base, *school(base, range(12), address=ADDRESS), is_complete=True)
    land(base, *school(base, range(12), address={"town": "Otley"}), now=LATER)
    entry = HeldEntry.objects.get()
    said = text_of(officer, f"/held/{entry.pk}/")
    assert "Taken out for many at once" in said
    assert ADDRESS["postcode"] in said
    [first, *_] = ticks_of(officer, entry)
    decide(officer, entry, do="refuse", whom="ticked", pupil=first)
    assert HeldItem.objects.filter(state="refused").count() == 1
    decide(officer, entry, do="carry out", whom="everybody")
    run = Run.objects.get(origin="release")
    assert len(released(run.pk)) == 11


def test_shows_a_school_that_would_leave_and_lets_it_go(officer):
    base = cast.base()
    land(base, *school(base, range(12)), is_complete=True)
    left = [{**enrolled(base), "leaving_on": "2026-11-20"}]
    roll = {child(each).external_id: "Leaver" for each in range(12)}
    land(base, *school(base, range(12), enrolments=left), roll=roll, now=LATER)
    entry = HeldEntry.objects.get()
    assert "Most of a school leaving at once" in text_of(officer, f"/held/{entry.pk}/")
    decide(officer, entry, do="has left", whom="everybody")
    assert HeldItem.objects.filter(state="released").count() == 12
    assert len(released(Run.objects.get(origin="release").pk)) == 12
