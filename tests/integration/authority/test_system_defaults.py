"""System defaults: typed, bounded, audited, and carried out."""

from __future__ import annotations

import pytest
from tests import cast

from schoolgate.audit.models import Event
from schoolgate.authority.actions import set_defaults
from schoolgate.authority.defaults import DECLARED, Defaults, Kind, UnusableDefaultError
from schoolgate.authority.models import Authority
from schoolgate.authority.queries import defaults

pytestmark = pytest.mark.django_db

BY = {"by": 7, "now": cast.NOW}


@pytest.fixture(autouse=True)
def authority():
    return cast.authority()


def test_is_as_shipped_until_somebody_changes_it():
    assert defaults() == Defaults()
    assert {each.name: each.default for each in DECLARED} == {
        name: getattr(Defaults(), name) for name in Defaults.__struct_fields__
    }


def test_explains_every_default_and_allows_what_is_shipped():
    for each in DECLARED:
        assert each.label
        assert len(each.explanation) > 20
        if each.kind is Kind.NUMBER:
            assert each.least <= each.default <= each.most


def test_keeps_a_change_with_who_made_it_and_what_it_was():
    changed = set_defaults({"cache_days": 90, "search_days": 30, "offered_data_types": ["snapshot"]}, **BY)
    assert changed == ("cache_days", "offered_data_types")
    assert (defaults().cache_days, defaults().offered_data_types) == (90, ("snapshot",))
    event = Event.objects.get(name="authority.default.changed", details__name="cache_days")
    assert (event.user_id, event.details["before"], event.details["after"]) == (7, 0, 90)


def test_keeps_the_buffer_where_the_first_release_looks_for_it():
    set_defaults({"buffer_minutes": 15}, **BY)
    assert Authority.objects.get().buffer_minutes == 15
    assert defaults().buffer_minutes == 15


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("buffer_minutes", 0),
        ("buffer_minutes", 1441),
        ("refresh_seconds", -1),
        ("search_days", "thirty"),
        ("cache_days", True),
        ("landing_page", "nowhere"),
        ("offered_data_types", []),
        ("offered_data_types", ["snapshot", "sound"]),
    ],
)
def test_refuses_what_is_out_of_range_and_then_changes_nothing(name, value):
    with pytest.raises(UnusableDefaultError) as refused:
        set_defaults({"imported_files_days": 30, name: value}, **BY)
    assert refused.value.field == name
    assert refused.value.remedy
    assert defaults() == Defaults()
