"""No address and no form brings a page down, whatever is asked in it: it finds nothing, or says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote_plus

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.utils.datastructures import MultiValueDict
from tests import cast
from tests.architecture.test_routes import SIGNING_IN, routes
from tests.landing import file_of, land, pupil, who_is
from tests.waiting import SOURCE, absence, put

from schoolgate.collecting.models import MappingOverride
from schoolgate.connectors.registry import CONNECTORS
from schoolgate.runs.models import TaskLogEntry
from schoolgate.tasks.models import Blackout, ScheduledTask

pytestmark = pytest.mark.django_db

ODD = {
    "NUL": "A%00b",
    "half of a surrogate pair": "%ED%A0%80",
    "the last day": "9999-12-31",
    "the first day": "0001-01-01",
    "more than an id": str(2**63),
    "a very long number": "9" * 5_000,
    "the last instant": quote_plus("9999-12-31T23:59:59.999999-12:00~1"),
    "the first instant": quote_plus("0001-01-01T00:00:00+14:00~1"),
}
ALONE = {"NUL", "the last day", "more than an id"}
"""What is asked of each parameter by itself too, in case one hides another."""
SENDS_TO_THE_SOURCE = {"base_connection_test"}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(cast.administrator())
    return client


@pytest.fixture
def addresses() -> dict[str, str]:
    """Every address of the console by its name, with ids that there are."""
    base = cast.base()
    run = land(base, pupil("same name and birthday, one", enrolments=[{"entry_on": "2023-09-01"}]))
    TaskLogEntry.objects.create(
        base=base,
        run_id=run.pk,
        task_name="Nightly",
        data_type="snapshot",
        logged_at=cast.NOW,
        status="exported",
    )
    ids = {
        "base_id": base.pk,
        "task_id": cast.task(base).pk,
        "run_id": run.pk,
        "pupil_id": who_is(base, "p-005"),
        "file_id": file_of(run).pk,
        "entry_id": put(base, absence("same name and birthday, one")).pk,
        "override_id": _override(),
        "mis": SOURCE,
        "name": next(iter(CONNECTORS[SOURCE].assumptions)).name,
        "group": "basic_details",
    }
    return {
        str(pattern.name): "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(ids[found[1]]), path)
        for path, pattern in routes()
        if not pattern.callback.__module__.startswith(SIGNING_IN)
    }


def _override() -> int:
    made = MappingOverride.objects.create(
        mis=SOURCE, domain="students", group="basic_details", item="sex", field="Sex", changed_at=cast.NOW
    )
    return int(made.pk)


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], HttpResponse]], set[str]]:
    """Tells which parameters a page reads, those included that it reads only because of others."""
    read: set[str] = set()

    def spied(method: str) -> None:
        plain = getattr(MultiValueDict, method)

        def told(self: MultiValueDict, name: str, *more: object, **named: object) -> object:
            if isinstance(self, QueryDict):
                read.add(name)
            return plain(self, name, *more, **named)

        monkeypatch.setattr(MultiValueDict, method, told)

    for method in ("__getitem__", "get", "getlist", "__contains__"):
        spied(method)

    def names(ask: Callable[[str], HttpResponse]) -> set[str]:
        known: set[str] = set()
        while True:
            read.clear()
            ask("&".join(f"{name}=1" for name in sorted(known)))
            found = {name for name in read if isinstance(name, str)}
            if found <= known:
                return known
            known |= found

    return names


def kept_as_it_was(ask: Callable[[str], HttpResponse]) -> Callable[[str], HttpResponse]:
    """What a page does is undone, so that each question meets the same rows."""

    def asking(sent: str) -> HttpResponse:
        with transaction.atomic():
            answer = ask(sent)
            getattr(answer, "getvalue", bytes)()
            transaction.set_rollback(True)
        return answer

    return asking


def test_answers_every_odd_question_in_an_address(client, addresses, asked_for):
    questions, failed = 0, set()
    for name, address in addresses.items():
        ask = kept_as_it_was(lambda sent, address=address: client.get(f"{address}?{sent}"))
        names = asked_for(ask)
        for kind, odd in ODD.items():
            each_alone = [f"{each}={odd}" for each in sorted(names)]
            for sent in ["&".join(each_alone), *(each_alone if kind in ALONE else ())]:
                questions += 1
                if ask(sent).status_code >= 500:
                    failed.add((name, kind, sent[:80]))
    assert not failed
    assert questions > 300


def test_answers_every_odd_form(client, addresses, asked_for):
    failed = set()
    for name, address in addresses.items():
        if name in SENDS_TO_THE_SOURCE:
            continue
        ask = kept_as_it_was(lambda sent, address=address: client.post(address, sent, content_type=FORM))
        names = sorted(asked_for(ask))
        for kind, odd in ODD.items():
            sent = "&".join(f"{each}={odd}" for each in names)
            if ask(sent).status_code >= 500:
                failed.add((name, kind))
    assert not failed


def test_finds_no_pupil_by_a_name_with_an_unreadable_character(client, addresses):
    for odd in ("%00", "%00Amina", "Ami%00na", "%ED%A0%80", "Amina+%FF"):
        answer = client.get(f"/pupils/?q={odd}")
        assert answer.status_code == 200
        assert "No pupil found" in answer.content.decode()


def test_finds_no_base_and_no_row_of_the_log_by_an_unreadable_character(client, addresses):
    assert "Ashgrove" in client.get("/bases/?q=Ashgrove").content.decode()
    assert "Ashgrove" not in client.get("/bases/?q=Ash%00grove").content.decode()
    assert TaskLogEntry.objects.exists()
    for name in ("text", "task", "base"):
        assert "Ashgrove" not in client.get(f"/log/?from_on=&{name}=%00").content.decode()


def test_asks_a_browser_with_an_unreadable_session_to_sign_in():
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "\0" * 32
    assert client.get("/bases/")["Location"].startswith("/accounts/login/")


TASK = {
    "name": "Weekly", "is_active": "on", "transfer_type": "export", "data_filter": "changed_data", "owner": "la",
    "frequency": "weekly", "weekdays": "0", "start_time": "02:10",
}  # fmt: skip
OUT_OF_RANGE = "Enter a day from 1900 to 2199."


@pytest.mark.parametrize("day", ["9995-01-01", "9999-12-31", "2200-01-01", "0001-01-01", "1899-12-31"])
def test_says_beside_the_field_that_a_day_is_out_of_range(client, addresses, day):
    base_id = addresses["base"].split("/")[2]
    tasks = ScheduledTask.objects.count()
    for field in ("starts_on", "expires_on"):
        sent = TASK | {"starts_on": "2026-12-01", "base": base_id} | {field: day}
        answer = client.post("/tasks/new/", sent)
        assert answer.status_code == 200
        assert OUT_OF_RANGE in answer.content.decode()
        assert client.post("/tasks/preview/", sent).status_code == 200
    assert ScheduledTask.objects.count() == tasks
    for field in ("from_on", "last_on"):
        sent = {"name": "Long", "kind": "holiday", "whose": "all", "from_on": day, "last_on": day}
        assert (
            OUT_OF_RANGE in client.post("/system/blackout-dates/new/", sent | {field: day}).content.decode()
        )
    assert not Blackout.objects.exists()
    for field in ("from_on", "to_on"):
        assert OUT_OF_RANGE in client.get(f"/log/?{field}={day}").content.decode()


def test_takes_the_last_day_that_a_form_may_say(client, addresses):
    sent = {
        "name": "Far",
        "kind": "holiday",
        "whose": "all",
        "from_on": "2199-12-31",
        "last_on": "2199-12-31",
    }
    assert client.post("/system/blackout-dates/new/", sent).status_code == 302
    task = TASK | {"starts_on": "2199-12-30", "base": addresses["base"].split("/")[2]}
    assert client.post("/tasks/new/", task).status_code == 302
    for address in ("/system/blackout-dates/", "/tasks/", f"/tasks/{ScheduledTask.objects.latest('pk').pk}/"):
        assert client.get(address).status_code == 200
    assert client.get("/log/?to_on=2199-12-31").status_code == 200


@pytest.mark.parametrize("number", ["0", "-1", "-5", str(10**9), str(2**63), "9" * 5_000])
@pytest.mark.parametrize("frequency", ["weekly", "monthly"])
def test_previews_and_refuses_a_task_whose_numbers_are_out_of_range(client, addresses, number, frequency):
    base = {"base": addresses["base"].split("/")[2], "starts_on": "2026-12-01"}
    monthly = {"frequency": frequency, "months": "1", "month_day": "1"}
    repeated = {"is_repeated": "on", "repeat_minutes": "60", "repeat_until": "10:00", "is_leavers": "on"}
    for field in ("month_day", "repeat_minutes", "window_minutes", "leaver_months"):
        sent = TASK | base | monthly | repeated | {field: number}
        assert client.post("/tasks/preview/", sent).status_code == 200
        assert client.post("/tasks/new/", sent).status_code in {200, 302}
