"""The cache of hashes, the pages and the outstanding list."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from uuid import UUID

import msgspec
import pytest
from django.db import connection
from tests import cast

from schoolgate.blocks.actions import (
    confirm_pages,
    drop_pages,
    forget,
    forget_unheard,
    note_outstanding,
    propose_pages,
    remember,
    retell,
    settle_outstanding,
)
from schoolgate.blocks.models import PageHash
from schoolgate.blocks.models import ProposedPage as ProposedRow
from schoolgate.blocks.queries import (
    every_landed_page,
    known_hashes,
    landed_beside,
    landed_pages,
    outstanding,
    said_of,
)
from schoolgate.blocks.rules import SLOTS, Outcome, PageCounts, ProposedPage, Remembered, Unheard
from schoolgate.pupils.actions import add_pupils
from schoolgate_message import groups

pytestmark = pytest.mark.django_db

ADDRESS, CONTACTS = groups.ADDRESS.number, groups.CONTACTS.number
SOURCE = "sims_7"
ONE, TWO = bytes(range(16)), bytes(range(1, 17))


@pytest.fixture
def base():
    return cast.base_on_sims_7()


@pytest.fixture
def pupil():
    return add_pupils(1, run_id=None, now=cast.NOW)[0]


def landed(base, pupil, outcome=Outcome.WRITTEN, **digests):
    hashes = {groups.BY_NAME[name].number: Remembered(digest, outcome) for name, digest in digests.items()}
    remember(base_id=base.pk, source=SOURCE, landed={pupil: hashes}, now=cast.NOW)


def remembered(base, pupil):
    hashes = known_hashes(base.pk, source=SOURCE).get(pupil, ())
    return {number: digest for number, digest in enumerate(hashes, start=1) if digest is not None}


def test_remembers_one_group_without_losing_another(base, pupil):
    landed(base, pupil, address=ONE)
    landed(base, pupil, contacts=TWO)
    assert remembered(base, pupil) == {ADDRESS: ONE, CONTACTS: TWO}
    assert len(known_hashes(base.pk, source=SOURCE)[pupil]) == SLOTS


def test_replaces_what_it_remembered(base, pupil):
    landed(base, pupil, address=ONE)
    landed(base, pupil, address=TWO)
    assert remembered(base, pupil) == {ADDRESS: TWO}


def test_copies_in_what_is_known_of_new_pupils(base, pupil):
    hashes = {ADDRESS: Remembered(ONE, Outcome.WRITTEN)}
    remember(base_id=base.pk, source=SOURCE, landed={pupil: hashes}, new_pupils={pupil}, now=cast.NOW)
    assert remembered(base, pupil) == {ADDRESS: ONE}


def test_forgets_one_group_at_the_other_bases_only(base, pupil):
    other = cast.base_on_sims_7("Beckside Primary")
    for each in (base, other):
        landed(each, pupil, address=ONE, contacts=TWO)
    forget(pupil_ids=[pupil], groups=["address"], but=(base.pk, SOURCE), now=cast.NOW)
    assert remembered(base, pupil) == {ADDRESS: ONE, CONTACTS: TWO}
    assert remembered(other, pupil) == {CONTACTS: TWO}


def test_forgets_everywhere_when_an_officer_writes(base, pupil):
    other = cast.base_on_sims_7("Beckside Primary")
    for each in (base, other):
        landed(each, pupil, address=ONE)
    forget(pupil_ids=[pupil], groups=["address"], now=cast.NOW)
    assert remembered(base, pupil) == remembered(other, pupil) == {}


def test_forgets_only_what_a_base_was_not_heard_about(base, pupil):
    other = cast.base_on_sims_7("Beckside Primary")
    for each in (base, other):
        landed(each, pupil, address=ONE)
        landed(each, pupil, Outcome.UNHEARD, contacts=TWO)
    told = forget_unheard(pupil_ids=[pupil], base_ids=[base.pk], now=cast.NOW)
    assert told == [Unheard(base.pk, SOURCE, pupil, "contacts")]
    assert remembered(base, pupil) == {ADDRESS: ONE}
    assert remembered(other, pupil) == {ADDRESS: ONE, CONTACTS: TWO}


def test_forgets_it_at_the_bases_named_alone(base, pupil):
    other = cast.base_on_sims_7("Beckside Primary")
    landed(base, pupil, Outcome.UNHEARD, contacts=TWO)
    assert forget_unheard(pupil_ids=[pupil], base_ids={other.pk}, now=cast.NOW) == []
    assert remembered(base, pupil) == {CONTACTS: TWO}


def test_keeps_when_a_group_was_read_though_its_hash_is_forgotten(base, pupil):
    early, late = cast.NOW, cast.NOW + timedelta(hours=1)
    for read_at in (late, early):
        known = {pupil: {ADDRESS: Remembered(ONE, Outcome.WRITTEN, read_at)}}
        remember(base_id=base.pk, source=SOURCE, landed=known, now=cast.NOW)
    forget(pupil_ids=[pupil], groups=["address"], now=cast.NOW)
    said = said_of([pupil])[pupil][base.pk, SOURCE]
    assert said.digest_of(ADDRESS) is None
    assert said.read_at_of(ADDRESS) == late
    assert said.read_at_of(CONTACTS) is None


def page(number, digest, *external_ids, name="address"):
    return ProposedPage(
        signature="s",
        page=number,
        digest=digest,
        groups=(name,),
        counts=PageCounts(unchanged={name: len(external_ids)}),
        pupils=external_ids,
    )


def test_remembers_pages_once_the_run_has_landed(base):
    propose_pages(run_id=1, base_id=base.pk, pages=[page(1, ONE, "a"), page(2, TWO, "b")])
    assert landed_pages(base.pk, "s") == {}
    confirm_pages(run_id=1, base_id=base.pk, failed={"b"})
    found = landed_pages(base.pk, "s")
    assert {number: each.digest for number, each in found.items()} == {1: ONE}
    assert (found[1].counts, found[1].pupils) == (PageCounts(unchanged={"address": 1}), ["a"])
    assert not ProposedRow.objects.exists()


def test_tells_what_a_page_carried_without_the_pupils_on_it(base):
    carried = PageCounts(
        unchanged={"sen_needs": 3}, left_out={"sen_needs": 2}, historic={"sen_needs": 1}, is_last=True
    )
    roll = PageCounts(declared=40)
    pages = [
        msgspec.structs.replace(page(1, ONE, "a", "b"), counts=carried),
        msgspec.structs.replace(page(2, TWO, "a"), counts=roll),
    ]
    propose_pages(run_id=1, base_id=base.pk, pages=pages)
    confirm_pages(run_id=1, base_id=base.pk)
    found = every_landed_page(base.pk)["s"]
    assert (found[1].counts, found[1].how_many, found[1].pupils) == (carried, 2, [])
    assert found[2].counts == roll


def test_forgets_pages_of_an_older_release_and_lets_the_hashes_tell(base, pupil):
    landed(base, pupil, address=ONE)
    row = {"base": base, "signature": "s", "digest": UUID(bytes=ONE), "groups": ["address"]}
    PageHash.objects.create(page=1, counts={"address": 1, "address:left_out": 2, ":last": 1}, **row)
    ProposedRow.objects.create(run_id=1, page=2, counts={"address": 1}, **row)
    with connection.cursor() as cursor:
        for statement in import_module("schoolgate.blocks.migrations.0003_page_counts").FORGET:
            cursor.execute(statement)
    assert every_landed_page(base.pk) == {}
    assert not ProposedRow.objects.exists()
    assert remembered(base, pupil) == {ADDRESS: ONE}


def test_replaces_a_page_proposed_twice(base):
    for digest in (ONE, TWO):
        propose_pages(run_id=1, base_id=base.pk, pages=[page(1, digest, "a")])
    confirm_pages(run_id=1, base_id=base.pk)
    assert landed_pages(base.pk, "s")[1].digest == TWO


def test_forgets_a_page_whose_newer_version_did_not_land(base):
    propose_pages(run_id=1, base_id=base.pk, pages=[page(1, ONE, "a", "b")])
    confirm_pages(run_id=1, base_id=base.pk)
    propose_pages(run_id=2, base_id=base.pk, pages=[page(1, TWO, "a", "b")])
    confirm_pages(run_id=2, base_id=base.pk, failed={"b"})
    assert landed_pages(base.pk, "s") == {}


def test_clears_away_what_a_run_that_never_landed_had_proposed(base):
    propose_pages(run_id=1, base_id=base.pk, pages=[page(1, ONE, "a")])
    confirm_pages(run_id=2, base_id=base.pk)
    assert landed_pages(base.pk, "s") == {}
    assert not ProposedRow.objects.exists()


def test_forgets_the_pages_that_feed_a_forgotten_group(base, pupil):
    landed(base, pupil, address=ONE)
    propose_pages(run_id=1, base_id=base.pk, pages=[page(1, ONE, "a"), page(2, TWO, "a", name="contacts")])
    confirm_pages(run_id=1, base_id=base.pk)
    propose_pages(run_id=2, base_id=base.pk, pages=[page(3, ONE, "a")])
    forget(pupil_ids=[pupil], groups=["address"], base_id=base.pk, now=cast.NOW)
    assert list(landed_pages(base.pk, "s")) == [2]
    assert not ProposedRow.objects.exists()


def test_keeps_pages_when_there_was_no_hash_to_forget(base, pupil):
    propose_pages(run_id=1, base_id=base.pk, pages=[page(1, ONE, "a")])
    confirm_pages(run_id=1, base_id=base.pk)
    forget(pupil_ids=[pupil], groups=["address"], base_id=base.pk, now=cast.NOW)
    assert list(landed_pages(base.pk, "s")) == [1]


def test_drops_only_the_pages_that_hold_a_pupil_whose_block_is_newer(base):
    propose_pages(run_id=1, base_id=base.pk, pages=[page(1, ONE, "a"), page(2, TWO, "b")])
    confirm_pages(run_id=1, base_id=base.pk)
    drop_pages(base_id=base.pk, groups=["address", "contacts"], external_ids=["b"])
    assert list(landed_pages(base.pk, "s")) == [1]


def test_lists_what_is_outstanding_once_and_settles_it(base):
    entries = [("a", "address", "x"), ("a", "address", "y"), ("b", "contacts", "x")]
    note_outstanding(entries, base_id=base.pk, source=SOURCE, run_id=1, now=cast.NOW)
    note_outstanding([("b", "contacts", "z")], base_id=base.pk, source=SOURCE, run_id=2, now=cast.NOW)
    assert outstanding(base.pk, source=SOURCE) == [("a", "address", "y"), ("b", "contacts", "z")]
    settle_outstanding([("a", "address"), ("c", "address")], base_id=base.pk, source=SOURCE)
    assert outstanding(base.pk, source=SOURCE) == [("b", "contacts", "z")]


def test_keeps_what_two_sources_of_a_base_said_apart(base, pupil):
    landed(base, pupil, address=ONE)
    told = {ADDRESS: Remembered(TWO, Outcome.WRITTEN, cast.NOW)}
    remember(base_id=base.pk, source="another", landed={pupil: told}, now=cast.NOW)
    assert remembered(base, pupil) == {ADDRESS: ONE}
    assert said_of([pupil])[pupil][base.pk, "another"].digest_of(ADDRESS) == TWO
    forget(pupil_ids=[pupil], groups=["address"], base_id=base.pk, but=(base.pk, "another"), now=cast.NOW)
    assert remembered(base, pupil) == {}
    assert said_of([pupil])[pupil][base.pk, "another"].digest_of(ADDRESS) == TWO


def test_knows_as_landed_what_another_source_landed_and_forgets_it_was_not_heard(base, pupil):
    for group, outcome in (("address", Outcome.WRITTEN), ("contacts", Outcome.UNHEARD)):
        told = {groups.BY_NAME[group].number: Remembered(ONE, outcome)}
        remember(base_id=base.pk, source="another", landed={pupil: told}, now=cast.NOW)
    beside = landed_beside(base.pk, source=SOURCE)[pupil]["another"]
    assert (beside[ADDRESS - 1], beside[CONTACTS - 1]) == (ONE, None)
    landed(base, pupil, Outcome.OTHER_SOURCE, address=TWO)
    assert remembered(base, pupil) == {}


def test_takes_over_what_another_source_landed_unless_it_was_forgotten(base, pupil):
    told = {ADDRESS: Remembered(ONE, Outcome.WRITTEN), CONTACTS: Remembered(ONE, Outcome.WRITTEN)}
    remember(base_id=base.pk, source="another", landed={pupil: told}, now=cast.NOW)
    forget(pupil_ids=[pupil], groups=["contacts"], now=cast.NOW)
    said = [(pupil, ADDRESS, ONE), (pupil, CONTACTS, ONE)]
    done = retell(said, base_id=base.pk, source=SOURCE, read_at=cast.NOW, now=cast.NOW)
    assert done == {(pupil, ADDRESS)}
    assert said_of([pupil])[pupil][base.pk, SOURCE].read_at_of(ADDRESS) == cast.NOW
    assert remembered(base, pupil) == {ADDRESS: ONE}


def test_keeps_the_outstanding_list_by_source(base):
    for source in (SOURCE, "another"):
        note_outstanding([("a", "address", "x")], base_id=base.pk, source=source, run_id=1, now=cast.NOW)
    settle_outstanding([("a", "address")], base_id=base.pk, source=SOURCE)
    assert outstanding(base.pk, source=SOURCE) == []
    assert outstanding(base.pk, source="another") == [("a", "address", "x")]


def test_the_migration_gives_what_was_kept_by_base_to_the_system_collected_from(base, pupil):
    migration = import_module("schoolgate.blocks.migrations.0005_by_source")
    known = {pupil: {ADDRESS: Remembered(ONE, Outcome.WRITTEN)}}
    remember(base_id=base.pk, source="", landed=known, now=cast.NOW)
    note_outstanding([("a", "address", "x")], base_id=base.pk, source="", run_id=1, now=cast.NOW)
    with connection.cursor() as cursor:
        for statement in migration.FILL:
            cursor.execute(statement)
    assert said_of([pupil])[pupil][base.pk, "sims_primary"].digest_of(ADDRESS) == ONE
    assert outstanding(base.pk, source="sims_primary") == [("a", "address", "x")]
