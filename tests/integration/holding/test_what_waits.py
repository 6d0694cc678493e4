"""What waits for a person: put aside, replaced, let go and decided."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import cast
from tests.landing import ADDRESS, OTHER_ADDRESS, keys
from tests.waiting import SOURCE, absence, block, delete, marks, put

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.audit.models import Event
from schoolgate.holding.actions import choose, end_released, let_go, put_aside, refuse, send_off, settle
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.holding.queries import entries_that_wait, released, standing
from schoolgate.holding.refusals import HeldRefusedError
from schoolgate.holding.rules import marks_of
from schoolgate.maintenance.actions import prune
from schoolgate_message.records import DayMarks

pytestmark = pytest.mark.django_db

EARLIER = cast.NOW - timedelta(hours=1)
LATER = cast.NOW + timedelta(days=1)
TWIN = keys("twin one").external_id
OTHER_TWIN = keys("twin two").external_id


def states(entry: HeldEntry) -> list[tuple[str, str, str]]:
    items = HeldItem.objects.filter(entry=entry).order_by("id")
    return list(items.values_list("external_id", "group", "state"))


def how_it_ended(entry: HeldEntry) -> tuple[str, str, int | None]:
    entry.refresh_from_db()
    return entry.state, entry.reason, entry.decided_by


def test_makes_one_entry_of_a_base_and_a_cause_however_many_pupils_and_runs():
    base = cast.base()
    first = put(base, absence("twin one"), absence("twin two"), run_id=1)
    second = put(base, absence("no UPN"), now=LATER, run_id=2)
    assert first == second
    [waiting] = entries_that_wait(EVERYTHING)
    assert (waiting.pupils, waiting.since_at, waiting.last_run_id) == (3, cast.NOW, 2)


def test_makes_an_entry_for_each_cause_and_base_and_shows_the_worst_first():
    ashgrove, millbrook = cast.base(), cast.base("Millbrook Primary")
    put(ashgrove, absence("twin one"), block("twin two", "address", ADDRESS))
    put(millbrook, absence("no UPN"), absence("another script"))
    found = [(each.base_name, each.code, each.pupils) for each in entries_that_wait(EVERYTHING)]
    assert found == [
        ("Ashgrove Primary", "match.doubted", 1),
        ("Millbrook Primary", "roll.absent", 2),
        ("Ashgrove Primary", "roll.absent", 1),
    ]
    assert [each.base_name for each in entries_that_wait(EVERYTHING, base_ids=[millbrook.pk])] == [
        "Millbrook Primary"
    ]


def test_puts_newer_content_in_the_place_of_what_waits():
    base = cast.base()
    put(base, block("twin one", "address", ADDRESS))
    newer = block("twin one", "address", OTHER_ADDRESS, read_at=LATER)
    entry = put(base, newer, now=LATER)
    [item] = HeldItem.objects.filter(entry=entry)
    assert (item.content, item.since_at) == (newer.content.decode(), cast.NOW)
    assert standing(base.pk, SOURCE)[TWIN, "address"].digest == newer.digest


def test_keeps_what_waits_when_something_read_earlier_comes_later():
    base = cast.base()
    newer = block("twin one", "address", ADDRESS)
    put(base, newer)
    put(base, block("twin one", "address", OTHER_ADDRESS, read_at=EARLIER), now=LATER)
    assert standing(base.pk, SOURCE)[TWIN, "address"].digest == newer.digest


def test_moves_what_waits_to_the_entry_of_its_new_cause():
    base = cast.base()
    put(base, delete("twin one", "enrolments", code="delete.enrolments"))
    entry = put(base, block("twin one", "enrolments", [], read_at=LATER), now=LATER)
    assert [each.code for each in entries_that_wait(EVERYTHING)] == ["match.doubted"]
    assert HeldEntry.objects.get() == entry


def test_lays_newer_marks_over_those_that_wait():
    base = cast.base()
    put(
        base, marks("twin one", DayMarks(on="2026-11-19", am="/", pm="\\"), DayMarks(on="2026-11-20", am="N"))
    )
    entry = put(
        base,
        marks(
            "twin one", DayMarks(on="2026-11-20", am="I"), DayMarks(on="2026-11-23", pm="-"), read_at=LATER
        ),
        now=LATER,
    )
    [item] = HeldItem.objects.filter(entry=entry)
    assert marks_of(item.content.encode()) == (
        DayMarks(on="2026-11-19", am="/", pm="\\"),
        DayMarks(on="2026-11-20", am="I"),
        DayMarks(on="2026-11-23", pm="-"),
    )


def test_lays_marks_read_earlier_under_those_that_wait():
    base = cast.base()
    put(base, marks("twin one", DayMarks(on="2026-11-20", am="I")))
    early = marks("twin one", DayMarks(on="2026-11-20", am="N", pm="N"), read_at=EARLIER)
    entry = put(base, early, now=LATER)
    [item] = HeldItem.objects.filter(entry=entry)
    assert marks_of(item.content.encode()) == (DayMarks(on="2026-11-20", am="I", pm="N"),)


def test_takes_a_pupil_who_comes_twice_in_one_file_once():
    base = cast.base()
    entry = put(
        base,
        block("twin one", "address", OTHER_ADDRESS, read_at=LATER),
        block("twin one", "address", ADDRESS),
    )
    [item] = HeldItem.objects.filter(entry=entry)
    assert item.read_at == LATER


def test_keeps_a_refusal_until_the_source_says_something_else():
    base = cast.base()
    entry = put(base, block("twin one", "address", ADDRESS))
    refuse(entry.pk, by=7, reason="The school mistyped the id.", now=LATER)
    same = block("twin one", "address", ADDRESS, read_at=LATER)
    put_aside([same], base_id=base.pk, run_id=2, now=LATER)
    assert standing(base.pk, SOURCE)[TWIN, "address"].state == "refused"
    assert entries_that_wait(EVERYTHING) == []
    anew = put(base, block("twin one", "address", OTHER_ADDRESS, read_at=LATER), now=LATER)
    assert anew != entry
    assert standing(base.pk, SOURCE)[TWIN, "address"].state == "waiting"


def test_keeps_of_a_refusal_who_and_why_and_the_digest_alone():
    base = cast.base()
    waiting = block("twin one", "address", ADDRESS)
    entry = put(base, waiting)
    assert refuse(entry.pk, by=7, reason="  Not\nours ", now=LATER) == 1
    item = HeldItem.objects.get(entry=entry)
    assert (item.state, item.content, item.keys, item.digest.bytes) == ("refused", "", {}, waiting.digest)
    assert (item.decided_by, item.decided_at, item.reason) == (7, LATER, "Not ours")
    assert how_it_ended(entry) == ("refused", "Not ours", 7)
    event = Event.objects.get(name="holding.entry.refused")
    assert (event.user_id, event.base_id, event.subject_id) == (7, base.pk, entry.pk)
    assert event.details == {"code": "match.doubted", "pupils": 1, "items": 1, "run_id": None}


def test_refuses_some_pupils_and_keeps_the_entry_open_for_the_others():
    base = cast.base()
    entry = put(base, absence("twin one"), absence("twin two"))
    refuse(entry.pk, by=7, reason="She is here.", now=LATER, external_ids=[TWIN])
    assert states(entry) == [(TWIN, "", "refused"), (OTHER_TWIN, "", "waiting")]
    assert [(each.id, each.pupils) for each in entries_that_wait(EVERYTHING)] == [(entry.pk, 1)]


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_refuses_a_decision_without_a_reason(reason):
    entry = put(cast.base(), absence("twin one"))
    with pytest.raises(HeldRefusedError, match="needs a reason"):
        refuse(entry.pk, by=7, reason=reason, now=LATER)
    assert states(entry) == [(TWIN, "", "waiting")]


def test_refuses_a_decision_about_what_waits_no_longer():
    entry = put(cast.base(), absence("twin one"))
    refuse(entry.pk, by=7, reason="She is here.", now=LATER)
    with pytest.raises(HeldRefusedError) as caught:
        refuse(entry.pk, by=8, reason="She has left.", now=LATER)
    assert caught.value.code == "held.nothing_waits"


def test_closes_an_entry_by_itself_when_the_cause_of_the_last_pupil_goes():
    base = cast.base()
    entry = put(base, absence("twin one"), absence("twin two"))
    gone = {"base_id": base.pk, "source": SOURCE, "now": LATER}
    let_go([(TWIN, "")], why="the pupil is back on the roll", **gone)
    assert [each.pupils for each in entries_that_wait(EVERYTHING)] == [1]
    let_go([(OTHER_TWIN, "")], why="a leaving date has come", **gone)
    assert entries_that_wait(EVERYTHING) == []
    assert how_it_ended(entry) == ("closed", "a leaving date has come", None)
    assert standing(base.pk, SOURCE) == {}


def test_forgets_a_refusal_when_the_cause_goes_so_that_the_next_one_waits_anew():
    base = cast.base()
    entry = put(base, absence("twin one"))
    refuse(entry.pk, by=7, reason="She is here.", now=LATER)
    let_go([(TWIN, "")], base_id=base.pk, source=SOURCE, why="back on the roll", now=LATER)
    put_aside([absence("twin one", read_at=LATER)], base_id=base.pk, run_id=9, now=LATER)
    assert standing(base.pk, SOURCE)[TWIN, ""].state == "waiting"
    assert how_it_ended(entry) == ("refused", "She is here.", 7)


def test_lets_go_only_of_the_source_and_the_groups_named():
    base = cast.base()
    entry = put(base, block("twin one", "address", ADDRESS), block("twin one", "sen_needs", []))
    let_go([(TWIN, "address")], base_id=base.pk, source="another_source", why="landed", now=LATER)
    let_go([(TWIN, "sen_needs")], base_id=base.pk, source=SOURCE, why="landed", now=LATER)
    assert states(entry) == [(TWIN, "address", "waiting"), (TWIN, "sen_needs", "ended")]


def test_counts_what_a_run_is_to_land_as_waiting_for_nobody_and_keeps_it_until_it_has_landed():
    base = cast.base()
    entry = put(base, block("twin one", "address", ADDRESS))
    run = cast.run_at_work(base)
    sent_off(entry, run.pk)
    [waiting] = entries_that_wait(EVERYTHING)
    assert (waiting.pupils, waiting.on_their_way) == (0, 1)
    assert HeldItem.objects.get(entry=entry).content
    assert standing(base.pk, SOURCE)[TWIN, "address"].state == "waiting"
    [(pair, release)] = released(run.pk).items()
    assert pair == (TWIN, "address")
    assert (release.decision, release.read_at, release.by) == ("same pupil", cast.NOW, 7)
    with pytest.raises(HeldRefusedError):
        refuse(entry.pk, by=8, reason="No.", now=LATER)


def test_lets_what_a_run_was_to_land_wait_for_a_person_again_when_the_run_fails():
    base = cast.base()
    entry = put(base, block("twin one", "address", ADDRESS))
    run = cast.run_at_work(base)
    sent_off(entry, run.pk)
    run.stage = "failed"
    run.save()
    assert [(each.pupils, each.on_their_way) for each in entries_that_wait(EVERYTHING)] == [(1, 0)]
    assert refuse(entry.pk, by=8, reason="No.", now=LATER) == 1


def test_calls_released_what_the_run_that_lands_was_to_land():
    base = cast.base()
    entry = put(base, block("twin one", "address", ADDRESS))
    run = cast.run_at_work(base)
    run.stage = "landing"
    run.save()
    sent_off(entry, run.pk)
    let_go([(TWIN, "address")], base_id=base.pk, source=SOURCE, why="landed", now=LATER)
    assert how_it_ended(entry) == ("released", "Her surname changed.", 7)
    assert released(run.pk).keys() == {(TWIN, "address")}


def test_takes_a_release_back_when_newer_content_comes_before_it_has_landed():
    base = cast.base()
    entry = put(base, block("twin one", "address", ADDRESS))
    run = cast.run_at_work(base)
    sent_off(entry, run.pk)
    put(base, block("twin one", "address", ADDRESS, read_at=LATER), now=LATER)
    assert released(run.pk).keys() == {(TWIN, "address")}
    put(base, block("twin one", "address", OTHER_ADDRESS, read_at=LATER), now=LATER)
    assert released(run.pk) == {}
    assert [each.pupils for each in entries_that_wait(EVERYTHING)] == [1]


def test_lets_what_was_released_wait_anew_when_its_own_run_puts_it_aside_for_another_cause():
    base = cast.base()
    entry = put(base, block("twin one", "address", ADDRESS), block("twin one", "sen_needs", []))
    run = cast.run_at_work(base)
    sent_off(entry, run.pk)
    put(base, block("twin one", "address", ADDRESS, code="removal.keys"), run_id=run.pk)
    end_released(run_id=run.pk, base_id=base.pk, now=LATER)
    assert [(each.code, each.pupils) for each in entries_that_wait(EVERYTHING)] == [("removal.keys", 1)]
    assert how_it_ended(entry) == ("released", "Her surname changed.", 7)


def test_notes_at_once_as_released_what_no_run_has_to_land():
    entry = put(cast.base(), absence("twin one"))
    with_items = choose(entry.pk)
    settle(*with_items, decision="has left", by=7, reason="Moved to Kent.", now=LATER)
    assert states(entry) == [(TWIN, "", "released")]
    assert how_it_ended(entry) == ("released", "Moved to Kent.", 7)


def test_forgets_after_seven_years_what_was_decided_but_no_refusal_that_still_stands():
    base, other = cast.base(), cast.base("Millbrook Primary")
    gone = put(base, absence("twin one"))
    let_go([(TWIN, "")], base_id=base.pk, source=SOURCE, why="back on the roll", now=LATER)
    refused = put(other, absence("twin two"))
    refuse(refused.pk, by=7, reason="She is here.", now=LATER)
    waiting = put(base, absence("no UPN"))
    prune(now=LATER + timedelta(days=7 * 365))
    assert HeldEntry.objects.filter(pk=gone.pk).exists()
    prune(now=LATER + timedelta(days=7 * 365 + 3))
    assert set(HeldEntry.objects.values_list("pk", flat=True)) == {refused.pk, waiting.pk}


def test_costs_the_same_statements_for_many_pupils_as_for_one():
    base = cast.base()
    counts = []
    for who in (["twin one"], ["twin one", "twin two", "no UPN", "another script", "young carer"]):
        with CaptureQueriesContext(
            connection,
        ) as statements:
            put(base, *(block(each, "address", ADDRESS, read_at=LATER) for each in who))
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_knows_no_cause_it_has_no_words_for():
    with pytest.raises(ValueError, match="no cause of Held"):
        put(cast.base(), block("twin one", "address", ADDRESS, code="match.invented"))


def sent_off(entry: HeldEntry, run_id: int) -> None:
    found, items = choose(entry.pk)
    reason = "Her surname changed."
    send_off(found, items, run_id=run_id, decision="same pupil", by=7, reason=reason, now=cast.NOW)
