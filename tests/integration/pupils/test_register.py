"""The register gives back what was written, to the letter, and shows it to those who may see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import cast
from tests.landing import ADDRESS, keys, land, pupil, who_is

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.pupils.access import NoSuchPupilError, pupil_for, search
from schoolgate.pupils.actions import Source, add_pupils, remove_blocks, write_blocks
from schoolgate.pupils.queries import existing_blocks, names_of, whole_record
from schoolgate_message import groups
from schoolgate_message.blocks import canonical
from schoolgate_message.items import ItemType, Scope

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)
_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters="\t\n\\"), max_size=3
)
_VALUES = {
    ItemType.TEXT: _TEXTS,
    ItemType.CODE: st.sampled_from(("A", "WBRI", "\\N", "1")),
    ItemType.DATE: st.dates().map(str),
    ItemType.YES_NO: st.booleans(),
    ItemType.NUMBER: st.integers(-999_999_999, 999_999_999),
    ItemType.DECIMAL: st.decimals(-99_999, 99_999, places=2).map(str),
}


def rows_of(group):
    return st.fixed_dictionaries({}, optional={item.name: _VALUES[item.type] for item in group.items})


def content_of(group):
    rows = rows_of(group)
    return (st.lists(rows, max_size=3) if group.is_list else rows).map(lambda sent: canonical(group, sent))


def source(base_id=1):
    return Source(base_id=base_id, run_id=7, written_at=cast.NOW)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
@pytest.mark.parametrize("group", groups.GROUPS, ids=lambda group: group.name)
def test_gives_back_what_was_written(group, data):
    first, second = add_pupils(2, run_id=None, now=cast.NOW)
    old, new, other = (data.draw(content_of(group)) for _ in range(3))
    write_blocks(group, added={first: old, second: other}, changed={}, source=source())
    write_blocks(group, added={}, changed={first: new}, source=source())
    found = existing_blocks(group, [first, second], 1)
    assert found.get(first, []) == new
    assert found.get(second, []) == other
    remove_blocks(group, pupil_ids=[first, second], base_id=1)
    assert existing_blocks(group, [first, second], 1) == {}


def test_keeps_what_each_base_says_of_a_pupil_there():
    [pupil_id] = add_pupils(1, run_id=None, now=cast.NOW)
    assert groups.ENROLMENTS.scope is Scope.BASE
    here, there = [{"nc_year": "3"}], [{"nc_year": "4"}]
    write_blocks(groups.ENROLMENTS, added={pupil_id: here}, changed={}, source=source(1))
    write_blocks(groups.ENROLMENTS, added={pupil_id: there}, changed={}, source=source(2))
    remove_blocks(groups.ENROLMENTS, pupil_ids=[pupil_id], base_id=1)
    assert existing_blocks(groups.ENROLMENTS, [pupil_id], 1) == {}
    assert existing_blocks(groups.ENROLMENTS, [pupil_id], 2) == {pupil_id: there}


def test_says_where_every_part_of_a_record_came_from():
    main, subsidiary = cast.base(), cast.base("Beckside Primary")
    enrolment = [{"nc_year": "3"}]
    first = land(main, pupil("on two rolls", address=ADDRESS, enrolments=enrolment))
    second = land(subsidiary, pupil(keys("on two rolls", external_id="x-1"), enrolments=enrolment), now=LATER)
    record = [
        (each.group.name, each.base_id, each.run_id)
        for each in whole_record(EVERYTHING, who_is(main, "p-010"))
    ]
    assert record == [
        ("identifiers", main.pk, first.pk),
        ("basic_details", main.pk, first.pk),
        ("address", main.pk, first.pk),
        ("enrolments", main.pk, first.pk),
        ("enrolments", subsidiary.pk, second.pk),
    ]


def test_shows_a_pupil_only_to_those_who_may_see_the_register():
    base = cast.base()
    land(base, pupil("twin one"))
    pupil_id = who_is(base, "p-001")
    assert pupil_for(cast.reader(), pupil_id).pk == pupil_id
    for person, asked in ((cast.stranger(), pupil_id), (cast.reader(), pupil_id + 1)):
        with pytest.raises(NoSuchPupilError):
            pupil_for(person, asked)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("marlowe", {"p-001", "p-002"}),
        ("iris marl", {"p-001"}),
        ("9/3/2017", {"p-001", "p-002"}),
        ("Ivy 2017-03-09", {"p-002"}),
        ("31/31/2017", set()),
        ("  ", set()),
        ("Wexford", set()),
    ],
)
def test_finds_pupils_by_name_and_birthday(text, who):
    base = cast.base()
    land(base, pupil("twin one"), pupil("twin two"))
    assert set(search(cast.officer(), text)) == {who_is(base, each) for each in who}
    assert search(cast.stranger(), text) == []


def test_finds_a_pupil_by_upn():
    base = cast.base()
    land(base, pupil("twin one"), pupil("twin two"))
    assert search(cast.officer(), keys("twin one").upn.lower()) == [who_is(base, "p-001")]
    assert names_of(EVERYTHING, [who_is(base, "p-001")]) == {who_is(base, "p-001"): "Iris Marlowe"}


def rows(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_gives_analysts_one_flat_row_a_pupil_with_the_enrolment_of_today():
    base = cast.base()
    now = {
        "school_dfe_number": base.dfe_number,
        "entry_on": "2023-09-05",
        "nc_year": "3",
        "enrolment_status": "C",
    }
    before = {
        "school_dfe_number": "8212001",
        "entry_on": "2021-09-05",
        "leaving_on": "2023-07-20",
        "nc_year": "1",
    }
    support = {"provision": "K", "start_on": "2024-01-08"}
    land(base, pupil("twin one", address=ADDRESS, enrolments=[before, now], sen_provisions=[support]))
    land(base, pupil("twin two"), now=LATER)
    found = rows(
        "SELECT given_name, postcode, school_dfe_number, nc_year, schools_today, sen_provision_today"
        " FROM register_pupil ORDER BY pupil_id"
    )
    assert found == [("Iris", "LS21 1AA", base.dfe_number, "3", 1, "K"), ("Ivy", None, None, None, 0, None)]


def test_gives_analysts_a_view_of_every_list_with_the_pupils_name():
    base = cast.base()
    land(base, pupil("twin one", sen_needs=[{"rank": 1, "need_type": "SLCN"}]))
    found = rows("SELECT pupil_given_name, sent_by, need_type FROM register_sen_needs")
    assert found == [("Iris", base.dfe_number, "SLCN")]


def test_describes_every_column_of_every_view():
    undescribed = rows(
        "SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
        " WHERE relkind = 'v' AND relname LIKE 'register_%' AND attnum > 0"
        " AND (col_description(pg_class.oid, attnum) IS NULL OR obj_description(pg_class.oid) IS NULL)"
    )
    assert undescribed == []
    assert len(rows("SELECT 1 FROM pg_class WHERE relkind = 'v' AND relname LIKE 'register_%'")) == 9
