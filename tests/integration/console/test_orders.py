"""Lists of bases and pupils stand as people sort names, whatever the server was set up to think."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from tests import cast
from tests.landing import keys, land, pupil

from schoolgate.accounts.queries import people
from schoolgate.bases.actions import edit_base
from schoolgate.bases.models import Base
from schoolgate.scheduling.actions import run_now

pytestmark = pytest.mark.django_db

AS_PEOPLE_SORT = ["ashgrove Infant", "Élan Primary", "Oak Lea", "St Anne’s", "St. Mary's", "Stanley Road"]
JUMBLED = [AS_PEOPLE_SORT[each] for each in (5, 1, 3, 0, 4, 2)]


def page(address: str) -> str:
    client = Client()
    client.force_login(cast.administrator())
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode().replace("&#39;", "'")


def order_in(text: str, names: list[str]) -> list[str]:
    """The names in the order in which they first stand on a page."""
    return sorted(names, key=text.index)


def test_lists_bases_as_people_sort_them_on_every_page():
    bases = [cast.base(name) for name in JUMBLED]
    task = cast.task(*bases)
    ticked = "&".join(f"base={base.pk}" for base in bases)
    for address in (
        "/bases/",
        "/?view=table",
        "/tasks/",
        f"/tasks/?{ticked}",
        f"/tasks/{task.pk}/",
        f"/tasks/{task.pk}/edit/",
        "/tasks/new/",
        f"/tasks/new/?{ticked}",
        "/pupils/",
        "/system/blackout-dates/new/",
        "/system/cache/",
    ):
        assert order_in(page(address), AS_PEOPLE_SORT) == AS_PEOPLE_SORT, address


def test_sorts_a_base_by_its_new_name_once_it_is_renamed():
    bases = [cast.base(name) for name in ("Oak Lea", "Elm Lea")]
    edit_base(bases[0].pk, name="Ángel Primary", by=None, now=cast.NOW)
    assert [base.name for base in Base.objects.all()] == ["Ángel Primary", "Elm Lea"]


def test_sorts_the_bases_that_were_held_before_they_had_an_order():
    for name in JUMBLED:
        cast.base(name)
    Base.objects.update(sort_name="")
    import_module("schoolgate.bases.migrations.0003_sort_name").fill(apps, None)
    assert [base.name for base in Base.objects.all()] == AS_PEOPLE_SORT


def test_starts_runs_in_the_order_of_the_bases():
    bases = {base.pk: base.name for base in map(cast.base, JUMBLED)}
    task = cast.task(*Base.objects.all())
    runs = run_now(task.pk, by=None, now=cast.NOW).runs
    started = Base.objects.filter(runs__in=runs).order_by("runs__pk")
    assert [bases[base.pk] for base in started] == AS_PEOPLE_SORT


FAMILY_NAMES = ["Abbott", "Ángel", "de Silva", "Émile", "Łukasz", "Macadam", "McAdam", "Oakes", "O'Neill", "Özil",
                "van Dyk", "Zebra"]  # fmt: skip
JUMBLED_FAMILIES = ["Zebra", "de Silva", "Abbott", "Émile", "Özil", "van Dyk", "Łukasz", "McAdam", "Macadam",
                    "O'Neill", "Oakes", "Ángel"]  # fmt: skip


def test_lists_the_pupils_of_a_base_as_people_sort_them():
    base = cast.base()
    land(
        base,
        *(
            pupil(
                keys("no UPN", external_id=f"n-{place}", family_name=name, given_name="Ann"),
                enrolments=[{"entry_on": "2023-09-01"}],
            )
            for place, name in enumerate(JUMBLED_FAMILIES)
        ),
    )
    text = page(f"/pupils/?base={base.pk}")
    assert re.findall(r">([^<>]+), Ann<", text) == FAMILY_NAMES


def test_lists_people_as_people_sort_them():
    for name in ("Zoe Zebra", "Ann Émile", "Bo Abbott", "Ann abbott"):
        cast.person(name, "reader")
    assert [person.get_full_name() for person in people()] == [
        "Ann abbott",
        "Bo Abbott",
        "Ann Émile",
        "Zoe Zebra",
    ]
