"""Which row of a list is which."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schoolgate_message.groups import BY_NAME, GROUPS
from schoolgate_message.pairing import RowChange, row_changes

PHONES = BY_NAME["communications"]
CONTACTS = BY_NAME["contacts"]
MOBILE = {"kind": "T", "location": "M", "value": "07700 900111"}
HOME = {"kind": "T", "location": "H", "value": "01943 496000"}
EMAIL = {"kind": "E", "value": "iris@example.invalid"}


def test_tells_a_new_number_as_a_change_of_its_row():
    newer = {**MOBILE, "value": "07700 900222"}
    assert row_changes(PHONES, [MOBILE, HOME], [HOME, newer]) == [RowChange(before=MOBILE, after=newer)]


def test_tells_rows_that_came_and_rows_that_went():
    assert row_changes(PHONES, [MOBILE], [MOBILE, EMAIL]) == [RowChange(before=None, after=EMAIL)]
    assert row_changes(PHONES, [MOBILE, EMAIL], [MOBILE]) == [RowChange(before=EMAIL, after=None)]


def test_follows_a_contact_whose_surname_changed_by_all_else_it_says():
    mother = {"family_name": "Marlowe", "given_name": "June", "priority": 1, "relationship": "MOT"}
    father = {"family_name": "Marlowe", "given_name": "Ted", "priority": 2, "relationship": "FAT"}
    renamed = {**mother, "family_name": "Hale"}
    assert row_changes(CONTACTS, [mother, father], [father, renamed]) == [
        RowChange(before=mother, after=renamed)
    ]


def test_takes_two_people_who_share_little_for_two():
    one = {"family_name": "Marlowe", "given_name": "June", "priority": 1, "relationship": "MOT"}
    other = {"family_name": "Oduya", "given_name": "Ben", "priority": 1, "relationship": "STP"}
    assert row_changes(CONTACTS, [one], [other]) == [
        RowChange(before=None, after=other),
        RowChange(before=one, after=None),
    ]


def test_pairs_each_of_two_mobiles_once():
    second = {**MOBILE, "value": "07700 900333"}
    newer = {**MOBILE, "value": "07700 900222"}
    assert len(row_changes(PHONES, [MOBILE, second], [newer, second])) == 1


def test_names_the_key_of_every_list_by_its_own_items():
    for group in GROUPS:
        assert bool(group.identity) == group.is_list
        assert set(group.identity) <= set(group.item_names)
        assert not group.tells or group.tells in group.item_names


ROWS = st.lists(
    st.dictionaries(st.sampled_from(PHONES.item_names[:3]), st.sampled_from("ABC"), min_size=1), max_size=5
)


@given(ROWS, ROWS)
def test_accounts_for_every_row_once(before, after):
    changes = row_changes(PHONES, before, after)
    same = len(before) - sum(each.before is not None for each in changes)
    assert same == len(after) - sum(each.after is not None for each in changes)
    rebuilt = list(before)
    for each in changes:
        if each.before is not None:
            rebuilt.remove(each.before)
        if each.after is not None:
            rebuilt.append(each.after)
    assert sorted(sorted(each.items()) for each in rebuilt) == sorted(sorted(each.items()) for each in after)
