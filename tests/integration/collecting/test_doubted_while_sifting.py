"""Sifting doubts what landing doubts, so that it lets nothing of a doubted pupil pass as known."""

from __future__ import annotations

import pytest
from tests import cast
from tests.landing import ADDRESS, keys, land, pupil

from schoolgate.collecting.sieve import Sieve
from schoolgate_message.groups import ADDRESS as ADDRESS_GROUP

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("learned", "is_unchanged"),
    [
        (keys("changed surname"), True),
        (keys("changed surname", family_name="Lowe"), True),
        (keys("moved from the neighbour", external_id="p-004"), False),
        (keys("twin one", external_id="p-004"), False),
    ],
)
def test_knows_a_block_as_landed_only_of_an_id_that_is_believed(learned, is_unchanged):
    base = cast.base()
    land(base, pupil("changed surname", address=ADDRESS), pupil("twin one", address=ADDRESS))
    sieve = Sieve(base.pk, source="sims_primary")
    sieve.learn_keys(learned)
    sieve.learn_keys(keys("twin one"))
    sieve.identify([], states={}, on_roll=None)
    assert sieve.is_unchanged("p-004", ADDRESS_GROUP, ADDRESS) is is_unchanged
    assert sieve.is_unchanged("p-001", ADDRESS_GROUP, ADDRESS)


def test_knows_nothing_of_another_sources_ids():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    assert not Sieve(base.pk, source="sims_7").is_unchanged("p-001", ADDRESS_GROUP, ADDRESS)
