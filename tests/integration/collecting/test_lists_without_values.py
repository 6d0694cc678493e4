"""A source whose list lost its values or its pupils: what leaves the register, and what a person decides."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest
from tests.bent import BentSource, bent
from tests.contracts.sandbox import Sandbox, running
from tests.integration.collecting.journeys import base_of, done
from tests.many import landed

from schoolgate.bases.models import Base
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.importing.releasing import release
from schoolgate.lib import clock
from schoolgate.matching.models import ExternalId
from schoolgate.pupils.models import Address, BasicDetails, Identifiers
from schoolgate.runs.states import LogStatus

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(schools=1, pupils=30) as found:
        yield found


@pytest.fixture
def source(sandbox: Sandbox) -> Iterator[BentSource]:
    with bent(sandbox.url) as found:
        yield found


@pytest.fixture
def base(sandbox: Sandbox, source: BentSource) -> Base:
    return base_of(Sandbox(url=source.url, process=sandbox.process), sandbox.schools()[0])


def ids_alone(body: bytes) -> bytes:
    return re.sub(rb'\{"ExternalID":"([^"]+)"[^{}]*\}', rb'{"ExternalID":"\1"}', body)


def told() -> list[set[tuple[object, ...]]]:
    return [
        set(BasicDetails.objects.values_list("pupil_id", "family_name", "given_name", "date_of_birth")),
        set(Identifiers.objects.values_list("pupil_id", "upn")),
    ]


def test_keeps_every_name_birthday_and_upn_and_closes_once_the_source_says_them_again(
    base: Base, source: BentSource
) -> None:
    done(base, "snapshot")
    before = told()
    source.bend("LearnerPersonals", ids_alone)
    odd = done(base, "snapshot")
    assert odd.status == LogStatus.EXPORTED_WITH_EXCEPTIONS.value
    assert told() == before
    [entry] = HeldEntry.objects.all()
    assert entry.code == "guard.many"
    assert entry.items.filter(group="basic_details").count() >= 30
    again = done(base, "snapshot")
    assert not again.exceptions.filter(kind="held").exists()
    source.straighten()
    done(base, "snapshot")
    assert not HeldItem.objects.filter(state="waiting").exists()
    assert HeldEntry.objects.get().state == "closed"
    assert told() == before


Rows = list[dict[str, Any]]
ADDRESSES = "LearnerAddresses"


def change(rows_of: Callable[[Rows], Rows], *, is_counted: bool = True) -> Callable[[bytes], bytes]:
    def bend(body: bytes) -> bytes:
        page = json.loads(body)
        page["value"] = rows_of(page["value"])
        if "@odata.count" in page:
            page["@odata.count"] = len(page["value"])
            if not is_counted:
                del page["@odata.count"]
        return json.dumps(page).encode()

    return bend


def without(pupils: Collection[str]) -> Callable[[Rows], Rows]:
    return lambda rows: [row for row in rows if not _names(row, pupils)]


def _names(row: dict[str, Any], pupils: Collection[str]) -> bool:
    written = json.dumps(row)
    return any(each in written for each in pupils)


def with_address(base: Base) -> list[str]:
    on_roll = ExternalId.objects.filter(base=base, roll_state="Current", ended_at=None)
    held = on_roll.filter(pupil_id__in=Address.objects.values("pupil_id"))
    return list(held.order_by("external_id").values_list("external_id", flat=True))


def entries() -> dict[str, int]:
    found = HeldEntry.objects.filter(state="open")
    return {each.code: each.items.filter(state="waiting").count() for each in found}


@pytest.fixture
def read_once(sandbox: Sandbox, base: Base) -> Base:
    sandbox.control("/settings", {"page_size": 1000})
    done(base, "snapshot")
    return base


def test_ends_what_a_counted_list_has_no_more_and_asks_nothing_twice(
    read_once: Base, source: BentSource
) -> None:
    before = with_address(read_once)
    source.bend(ADDRESSES, change(without(before[:1])))
    run = done(read_once, "snapshot")
    assert (with_address(read_once), entries()) == (before[1:], {})
    assert run.status == LogStatus.SUCCESSFULLY_EXPORTED.value
    assert done(read_once, "snapshot").status == LogStatus.NOTHING_CHANGED.value


def test_asks_about_what_a_list_that_is_not_counted_has_no_more_until_it_has_it_again(
    read_once: Base, source: BentSource
) -> None:
    before = with_address(read_once)
    source.bend(ADDRESSES, change(without(before[:1]), is_counted=False))
    run = done(read_once, "snapshot")
    assert (with_address(read_once), entries()) == (before, {"list.gone": 1})
    assert run.status == LogStatus.EXPORTED_WITH_EXCEPTIONS.value
    again = done(read_once, "snapshot")
    assert not again.exceptions.filter(kind="held").exists()
    source.straighten()
    done(read_once, "snapshot")
    assert (with_address(read_once), entries()) == (before, {})
    assert HeldEntry.objects.get().state == "closed"


def test_takes_it_out_where_a_person_says_so(read_once: Base, source: BentSource) -> None:
    before = with_address(read_once)
    source.bend(ADDRESSES, change(without(before[:1]), is_counted=False))
    done(read_once, "snapshot")
    entry = HeldEntry.objects.get()
    [run_id] = release(entry.pk, by=None, reason="they moved", now=clock.now()).run_ids
    landed(run_id, now=clock.now())
    assert (with_address(read_once), entries()) == (before[1:], {})


def test_holds_many_at_once_however_well_they_are_counted(read_once: Base, source: BentSource) -> None:
    before = with_address(read_once)
    source.bend(ADDRESSES, change(without(before[:10])))
    done(read_once, "snapshot")
    assert (with_address(read_once), entries()) == (before, {"guard.many": 10})
    assert done(read_once, "snapshot").status != LogStatus.EXPORTED_WITH_EXCEPTIONS.value


@pytest.mark.parametrize("is_of_strangers", [False, True])
def test_never_believes_a_list_in_which_nobody_of_the_roll_is_left(
    read_once: Base, source: BentSource, is_of_strangers: bool
) -> None:
    before = with_address(read_once)

    def strangers(rows: Rows) -> Rows:
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}", "00000000-0000-4000-8000", json.dumps(rows))
        found: Rows = json.loads(text)
        return found

    source.bend(ADDRESSES, change(strangers if is_of_strangers else lambda _: []))
    run = done(read_once, "snapshot")
    assert run.status == LogStatus.EXPORTED_WITH_EXCEPTIONS.value
    assert (with_address(read_once), entries()) == (before, {"list.gone": len(before)})
    assert HeldEntry.objects.count() == 1
