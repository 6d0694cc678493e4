"""Clear cache: what it costs is said first, only what was asked for is forgotten, and the next run makes it good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast
from tests.landing import ADDRESS, has_hash, land, pupil

from schoolgate.audit.models import Event
from schoolgate.blocks.clearing import CacheCost, clear_cache, preview_clear
from schoolgate.blocks.models import CachedHashes, Outstanding, PageHash, ProposedPage

pytestmark = pytest.mark.django_db

BY = {"by": None, "now": cast.NOW}


@pytest.fixture
def bases():
    made = [cast.base(), cast.base("Marsh Lane")]
    for number, base in enumerate(made):
        who = ["twin one", "young carer"][number]
        land(base, pupil(who, address=ADDRESS))
        for page, groups in enumerate([["address"], ["basic_details"], []], start=1):
            digest = {"digest": "00000000-0000-0000-0000-000000000001", "groups": groups}
            PageHash.objects.create(base=base, signature=f"D{page} f all", page=1, **digest)
            ProposedPage.objects.create(
                run_id=number + 1, base=base, signature=f"D{page} f all", page=1, **digest
            )
    return made


def blocks(**asked):
    return preview_clear(**asked).blocks


def test_says_what_clearing_would_cost(bases):
    everything = preview_clear(base_ids=None, groups=None)
    assert (everything.bases, everything.pupils) == (2, 2)
    assert everything.estimated_calls == 6
    assert blocks(base_ids=[bases[0].pk], groups=["address"]) == 1
    one = preview_clear(base_ids=[bases[0].pk], groups=["address"])
    assert one.estimated_calls == 2  # the page of the group and the roll's
    assert one.sentence.startswith("1 blocks of 1 pupils at 1 base will be compared with the register again.")
    assert CacheCost().sentence == "Nothing is cached that this would clear."


def test_forgets_one_data_group_of_one_base(bases):
    cost = clear_cache(base_ids=[bases[0].pk], groups=["address"], **BY)
    assert cost.blocks == 1
    assert not has_hash(bases[0], "twin one", "address")
    assert has_hash(bases[0], "twin one", "basic_details")
    assert has_hash(bases[1], "young carer", "address")
    for table in (PageHash, ProposedPage):
        left = set(table.objects.filter(base=bases[0]).values_list("signature", flat=True))
        assert left == {"D2 f all", "D3 f all"}
    assert Event.objects.get(name="blocks.cache.cleared").details["groups"] == ["address"]


def test_forgets_all_base_data_of_all_schools(bases):
    clear_cache(base_ids=None, groups=None, **BY)
    assert blocks(base_ids=None, groups=None) == 0
    assert not PageHash.objects.exists()
    assert not ProposedPage.objects.exists()


def test_forgets_only_what_is_as_old_as_asked(bases):
    CachedHashes.objects.filter(base=bases[0]).update(changed_at=cast.NOW - timedelta(days=90))
    before = cast.NOW - timedelta(days=30)
    assert preview_clear(base_ids=None, groups=None, before=before).bases == 1
    clear_cache(base_ids=None, groups=None, before=before, **BY)
    assert not has_hash(bases[0], "twin one", "address")
    assert has_hash(bases[1], "young carer", "address")
    assert PageHash.objects.filter(base=bases[1]).count() == 3
    assert not PageHash.objects.filter(base=bases[0]).exists()


def test_leaves_what_has_not_landed_on_the_outstanding_list(bases):
    Outstanding.objects.create(
        base=bases[0], external_id="x", group="address", code="c", since_at=cast.NOW, run_id=1
    )
    clear_cache(base_ids=None, groups=None, **BY)
    assert Outstanding.objects.count() == 1


def test_compares_the_same_blocks_again_and_writes_nothing_twice(bases):
    clear_cache(base_ids=[bases[0].pk], groups=None, **BY)
    run = land(bases[0], pupil("twin one", address=ADDRESS))
    assert run.accounts.get(group="address").unchanged == 1
    assert has_hash(bases[0], "twin one", "address")
