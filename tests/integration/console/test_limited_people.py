"""Somebody who looks after some bases: what is elsewhere looks like what isn't there, and stays as it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from tests import cast
from tests.architecture.test_routes import routes
from tests.landing import ADDRESS, OTHER_ADDRESS, keys, land, pupil
from tests.two_bases import NOWHERE, Side, TwoBases, build, limited
from tests.waiting import block, put

from schoolgate.accounts.models import Role, User
from schoolgate.audit.models import Event
from schoolgate.bases.models import Base
from schoolgate.blocks.models import CachedHashes
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.runs.models import Run
from schoolgate.tasks.models import Blackout, Membership, ScheduledTask

pytestmark = pytest.mark.django_db

AUTHORITY_WIDE = {"override_id"}
"""Ids of what belongs to no base."""
SCHEDULE = {"frequency": "weekly", "starts_on": "2026-11-24", "start_time": "02:10", "weekdays": ["0"]}

LISTS = (
    "/",
    "/?view=table",
    "/bases/",
    "/bases/?status=all",
    "/tasks/?show=all",
    "/tasks/?last=failed&show=all",
    "/tasks/new/",
    "/tasks/new/?all=1",
    "/log/?from_on=",
    "/log/csv/?from_on=",
    "/log/?from_on=&text=marsh",
    "/queue/",
    "/held/",
    "/held/decided/",
    "/held/told/",
    "/pupils/",
    "/pupils/?q=brackley",
    "/system/blackout-dates/",
    "/system/blackout-dates/new/",
    "/system/cache/",
    "/system/health/",
)
QUESTIONS = (
    "/tasks/?base={base}",
    "/tasks/new/?base={base}",
    "/pupils/?base={base}",
    "/tasks/run/?task={task}",
    "/tasks/edit/?task={task}",
    "/tasks/delete/?task={task}",
    "/system/cache/?base={base}",
    "/system/cache/confirm/?base={base}",
    "/system/blackout-dates/?base={base}",
    "/system/blackout-dates/edit/?id={blackout}",
    "/log/csv/?of={base}",
)
ACTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/tasks/do/", {"do": "pause", "task": "{task}"}),
    ("/tasks/do/", {"do": "clone", "member": "{member}"}),
    ("/tasks/do/", {"do": "owner-school", "task": "{task}"}),
    ("/tasks/do/", {"do": "lock", "task": "{task}"}),
    ("/tasks/run/", {"task": "{task}"}),
    ("/tasks/edit/", {"task": "{task}", "is_active": "no"}),
    ("/tasks/delete/", {"task": "{task}"}),
    ("/tasks/new/", {"base": "{base}", "name": "Mine", **SCHEDULE}),
    ("/system/cache/confirm/", {"base": "{base}"}),
    ("/system/blackout-dates/remove/", {"id": "{blackout}"}),
    ("/system/blackout-dates/edit/", {"id": "{blackout}", "name": "Mine"}),
    (
        "/system/blackout-dates/new/",
        {"base": "{base}", "whose": "some", "name": "Mine", "kind": "closure", "from_on": "2026-12-01",
         "last_on": "2026-12-01"},
    ),
    ("/tasks/{own}/bases/", {"base": "{base}", "listed": "{base}"}),
    ("/tasks/{own}/run/", {"base": "{base}"}),
)  # fmt: skip


@pytest.fixture
def two() -> TwoBases:
    return build()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ids_of(side: Side) -> dict[str, int]:
    return {
        "base_id": side.base.pk,
        "task_id": side.task.pk,
        "run_id": side.run.pk,
        "file_id": side.file.pk,
        "pupil_id": side.pupil_id,
        "entry_id": side.entry.pk,
    }


def addresses(ids: dict[str, int]) -> dict[str, str]:
    """Every route that names something of a base, with these ids in it."""
    found = {}
    for path, pattern in routes():
        names = set(re.findall(r"<int:(\w+)>", path))
        if names and hasattr(pattern.callback, "right") and not names <= AUTHORITY_WIDE:
            given = {name: ids[name] for name in names}
            more = {"group": "address"} if "<slug:group>" in path else {}
            found[pattern.name] = reverse(pattern.name, kwargs=given | more)
    return found


def everything() -> dict[str, Any]:
    """What a forbidden act could have changed."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Base, Run, ScheduledTask, Membership, Blackout, Event, HeldEntry, HeldItem)
    }


def test_answers_a_forbidden_id_like_a_wrong_one_whatever_the_route_and_the_right(two):
    client, before = signed_in(two.all_rights), everything()
    wrong = addresses(dict.fromkeys(ids_of(two.there), NOWHERE))
    for name, address in addresses(ids_of(two.there)).items():
        for ask in (client.get, client.post):
            forbidden, missing = ask(address), ask(wrong[name])
            assert forbidden.status_code in {404, 405}, name
            assert (forbidden.status_code, forbidden.content) == (missing.status_code, missing.content), name
        assert 404 in {client.get(address).status_code, client.post(address).status_code}, name
    assert everything() == before


def test_opens_all_of_that_where_it_is_theirs(two):
    client = signed_in(two.all_rights)
    opened = {name: client.get(address) for name, address in addresses(ids_of(two.here)).items()}
    assert {name: answer.status_code for name, answer in opened.items() if answer.status_code >= 404} == {
        "base_connection_test": 405,
        "held_decide": 405,
        "run_front": 405,
    }


def test_names_no_other_base_or_child_on_any_list(two):
    client = signed_in(two.all_rights)
    secrets = ("Marsh Lane", "Brackley", two.there.base.dfe_number)
    told = {address: [each for each in secrets if each in _text(client.get(address))] for address in LISTS}
    assert not {address: each for address, each in told.items() if each}


def _text(answer: HttpResponse) -> str:
    assert answer.status_code == 200
    body = b"".join(answer) if answer.streaming else answer.content
    return body.decode()


def test_takes_a_forbidden_id_in_a_question_for_a_wrong_one(two):
    client = signed_in(two.all_rights)
    there = {"base": two.there.base.pk, "task": two.there.task.pk, "blackout": two.there.blackout.pk}

    def asked(address: str, ids: dict[str, int]) -> tuple[int, str]:
        answer = client.get(address.format(**ids))
        ids_told = "|".join(str(each) for each in ids.values())
        asked_again = rf'\b(base|task|id)(=|%3D|" value=")({ids_told})\b'
        return answer.status_code, re.sub(asked_again, "ID", _plain(answer))

    nowhere = dict.fromkeys(there, NOWHERE)
    assert not [each for each in QUESTIONS if asked(each, there) != asked(each, nowhere)]


def _plain(answer: HttpResponse) -> str:
    """A page without what differs from one answer to the next."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())


def test_does_nothing_with_a_forbidden_id_that_it_would_not_do_with_a_wrong_one(two):
    client, before = signed_in(two.all_rights), everything()
    there = {
        "base": two.there.base.pk,
        "task": two.there.task.pk,
        "blackout": two.there.blackout.pk,
        "member": Membership.objects.get(task=two.there.task).pk,
    }
    hashes = CachedHashes.objects.filter(base=two.there.base).values_list("hashes")
    cached = list(hashes)

    def send(address: str, sent: dict[str, Any], ids: dict[str, int]) -> tuple[int, str]:
        given = {key: value.format(**ids) if isinstance(value, str) else value for key, value in sent.items()}
        answer = client.post(address.format(own=two.here.task.pk), given, follow=True)
        last = answer.redirect_chain[-1][0] if answer.redirect_chain else ""
        return answer.status_code, re.sub(r"=\d+", "=", last)

    nowhere = dict.fromkeys(there, NOWHERE)
    assert not [act for act in ACTS if send(*act, there) != send(*act, nowhere)]
    assert everything() == before
    assert list(hashes.all()) == cached


@pytest.mark.parametrize("errand", ["pause", "clone", "owner-school", "lock", "delete", "edit"])
def test_leaves_a_task_alone_that_also_collects_others_and_says_so(two, errand):
    client = signed_in(two.all_rights)
    ScheduledTask.objects.filter(pk=two.shared.pk).update(is_active=errand != "delete")
    before = everything()
    addresses = {"delete": "/tasks/delete/", "edit": "/tasks/edit/"}
    sent = {"do": errand, "task": two.shared.pk, "is_active": "no"}
    page = client.post(addresses.get(errand, "/tasks/do/"), sent, follow=True).content.decode()
    assert "also collects bases you don" in page
    assert everything() == before


def test_shows_a_shared_task_with_their_own_bases_alone(two):
    page = _text(signed_in(two.all_rights).get(f"/tasks/{two.shared.pk}/"))
    assert "1 base" in page
    assert "Marsh Lane" not in page
    assert "also collects bases you don" in page
    assert f"/tasks/{two.shared.pk}/edit/" not in page


def test_refuses_the_form_of_a_shared_task_with_the_reason_on_it(two):
    client = signed_in(two.all_rights)
    before = everything()
    opened = client.get(f"/tasks/{two.shared.pk}/edit/")
    sent = {
        "name": "Renamed", "transfer_type": "export", "data_filter": "changed_data", "owner": "la", **SCHEDULE,
        "is_active": "on", "window_minutes": "0",
    }  # fmt: skip
    page = client.post(f"/tasks/{two.shared.pk}/edit/", sent)
    assert "also collects bases you don" in _text(opened)
    assert "and a change would reach them too" in _text(page)
    assert everything() == before


def test_runs_a_shared_task_at_their_own_bases_alone(two):
    signed_in(two.all_rights).post(f"/tasks/{two.shared.pk}/run/")
    assert {run.base for run in Run.objects.filter(task=two.shared)} == {two.here.base}


def test_takes_their_own_base_out_of_a_shared_task_and_leaves_the_others(two):
    client = signed_in(two.all_rights)
    answer = client.post(f"/tasks/{two.shared.pk}/bases/", {"listed": two.here.base.pk}, follow=True)
    assert answer.status_code == 200
    assert [each.base for each in Membership.objects.filter(task=two.shared)] == [two.there.base]


def test_changes_a_task_of_their_own(two):
    signed_in(two.all_rights).post("/tasks/do/", {"do": "pause", "task": two.here.task.pk})
    assert not ScheduledTask.objects.get(pk=two.here.task.pk).is_active


def test_clears_only_their_own_cache_under_all_schools(two):
    page = signed_in(two.all_rights).get("/system/cache/confirm/?base=all").content.decode()
    assert "all schools" not in page
    signed_in(two.all_rights).post("/system/cache/confirm/", {"base": "all"})
    assert not any(any(each.hashes) for each in CachedHashes.objects.filter(base=two.here.base))
    assert any(any(each.hashes) for each in CachedHashes.objects.filter(base=two.there.base))


def test_shows_the_holidays_of_the_authority_and_leaves_them_alone(two):
    client, before = signed_in(two.all_rights), everything()
    assert "Half term" in _text(client.get("/system/blackout-dates/"))
    sent = {
        "id": two.holidays.pk, "whose": "all", "name": "None", "kind": "holiday", "from_on": "2026-12-01",
        "last_on": "2026-12-01",
    }  # fmt: skip
    for address in ("new", "edit", "remove"):
        page = client.post(f"/system/blackout-dates/{address}/", sent, follow=True).content.decode()
        assert "You look after some bases only" in page
    assert everything() == before


def test_adds_no_base_that_would_be_out_of_sight(two):
    client, before = signed_in(two.all_rights), everything()
    assert "/bases/new/" not in _text(client.get("/bases/"))
    sent = {"name": "New Primary", "dfe_number": "8204444"}
    assert "You look after some bases only" in client.post("/bases/new/", sent, follow=True).content.decode()
    assert everything() == before


def test_shows_of_a_pupil_at_two_schools_the_facts_of_the_pupil_and_of_their_own_school(two):
    """The other school wrote the address last: it is the pupil's. Its enrolment is its own affair."""
    entry = {"school_dfe_number": two.there.base.dfe_number, "entry_on": "2026-11-02", "nc_year": "5"}
    land(two.there.base, pupil("twin one", address=OTHER_ADDRESS, enrolments=[entry]))
    client = signed_in(two.officer)
    address = _text(client.get(f"/pupils/{two.here.pupil_id}/address/"))
    assert OTHER_ADDRESS["street"] in address
    assert "from another base" in address
    for tab in ("", "address/", "enrolments/", "attendance/", "timeline/"):
        page = _text(client.get(f"/pupils/{two.here.pupil_id}/{tab}"))
        assert "Marsh Lane" not in page
        assert two.there.base.dfe_number not in page
    both = _text(signed_in(cast.officer()).get(f"/pupils/{two.here.pupil_id}/enrolments/"))
    assert two.there.base.dfe_number in both


def test_leaves_what_waits_about_a_pupil_of_another_school_to_who_looks_after_both(two):
    sent = block(
        "young carer", "address", OTHER_ADDRESS, code="match.two_schools", pupil_id=two.there.pupil_id
    )
    entry = put(two.here.base, sent)
    client, before = signed_in(two.all_rights), everything()
    page = _text(client.get(f"/held/{entry.pk}/"))
    assert "about a pupil of bases you don’t look after" in page
    assert ADDRESS["street"] not in page
    assert f"/pupils/{two.there.pupil_id}/" not in page
    for whom in ({"whom": "everybody"}, {"pupil": f"{sent.external_id}~"}):
        told = {"do": "refuse", "reason": "Not ours.", "confirmed": "yes"} | whom
        client.post(f"/held/{entry.pk}/decide/", told)
    assert everything() == before
    both = _text(signed_in(cast.officer()).get(f"/held/{entry.pk}/"))
    assert ADDRESS["street"] in both
    assert f'value="{sent.external_id}~' in both


def test_decides_what_waits_about_their_own_pupil(two):
    told = {"do": "refuse", "whom": "everybody", "reason": "An old address.", "confirmed": "yes"}
    signed_in(two.all_rights).post(f"/held/{two.here.entry.pk}/decide/", told)
    assert HeldEntry.objects.get(pk=two.here.entry.pk).state == "refused"


def test_tells_of_a_pupil_at_two_schools_only_the_ids_of_their_own(two):
    land(two.there.base, pupil(keys("twin one", external_id="elsewhere-7"), address=ADDRESS))
    page = _text(signed_in(two.officer).get(f"/pupils/{two.here.pupil_id}/timeline/"))
    assert "p-001 (sims primary)" in page
    assert "elsewhere-7" not in page


def test_keeps_a_leaver_in_sight_of_the_school_that_is_left(two):
    left = {
        "school_dfe_number": two.here.base.dfe_number, "entry_on": "2021-09-06", "leaving_on": "2026-11-01",
        "leaving_reason": "T",
    }  # fmt: skip
    land(two.here.base, pupil("twin one", address=ADDRESS, enrolments=[left]), roll={"p-001": "Leaver"})
    assert signed_in(two.officer).get(f"/pupils/{two.here.pupil_id}/").status_code == 200


def test_shows_nothing_to_somebody_whose_last_base_is_gone(two):
    nobody = signed_in(limited("Kofi Larkin", Role.ADMINISTRATOR))
    for address in (
        "/",
        "/bases/",
        "/tasks/?show=all",
        "/log/?from_on=",
        "/queue/",
        "/held/",
        "/pupils/?q=marlowe",
    ):
        page = _text(nobody.get(address))
        assert "Ashgrove" not in page
        assert "Marlowe</a>" not in page
