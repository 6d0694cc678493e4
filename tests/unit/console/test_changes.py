"""A change of a list is told row by row: what is new of a row that stays, and the rows that come and go."""

from __future__ import annotations

from typing import Any

import pytest
from tests import cast

from schoolgate.console.changes import changed_items
from schoolgate.pupils.access import RecordChange

MOBILE = {"kind": "Telephone", "location": "M", "value": "07700 900111", "is_main": True}
HOME = {"kind": "Telephone", "location": "H", "value": "01632 960100"}
MOTHER = {"priority": 1, "family_name": "Marlowe", "given_name": "Ruth", "mobile_telephone": "07700 900123"}
SUPPORT = {"provision": "K", "start_on": "2025-09-01"}


def told(group: str, before: Any, after: Any) -> list[tuple[str, str, str]]:
    row = RecordChange(at=cast.NOW, pupil_id=1, group=group, kind="changed", before=before, after=after)
    [change] = changed_items([row])
    return [(each.label, each.before, each.after) for each in change.items]


def test_tells_a_new_number_as_a_change_of_the_telephone():
    after = [HOME, MOBILE | {"value": "07700 900222"}]
    assert told("communications", [HOME, MOBILE], after) == [
        ("Mobile telephone", "07700 900111", "07700 900222")
    ]


@pytest.mark.parametrize(
    ("group", "before", "new", "line"),
    [
        ("communications", MOBILE, {"is_main": False}, ("Mobile telephone: Main", "Yes", "No")),
        ("communications", MOBILE, {"location": "W"}, ("Work telephone: Telephone type", "Mobile (M)", "Work (W)")),
        ("communications", {"kind": "Email", "value": "a@b.invalid"}, {"value": "c@b.invalid"},
         ("E-mail", "a@b.invalid", "c@b.invalid")),
        ("contacts", MOTHER, {"mobile_telephone": "07700 900456"},
         ("Ruth Marlowe: Mobile telephone", "07700 900123", "07700 900456")),
        ("contacts", MOTHER, {"family_name": "Brackley"}, ("Ruth Brackley: Family name", "Marlowe", "Brackley")),
        ("sen_provisions", SUPPORT, {"end_on": "2026-07-20"},
         ("SEN support, from 1 September 2025: End date", "", "20 July 2026")),
        ("free_school_meals", {"start_on": "2025-09-01"}, {"end_on": "2026-07-20"},
         ("From 1 September 2025: End date", "", "20 July 2026")),
    ],
)  # fmt: skip
def test_names_the_row_that_changed_and_the_item(group, before, new, line):
    assert told(group, [before], [before | new]) == [line]


def test_tells_rows_that_came_or_went_whole():
    assert told("communications", [HOME], [HOME, MOBILE]) == [
        ("Row added", "", "Kind: Telephone; Telephone type: Mobile (M); Number or address: 07700 900111; Main: Yes")
    ]  # fmt: skip
    assert told("communications", [HOME], None) == [
        ("Row removed", "Kind: Telephone; Telephone type: Home (H); Number or address: 01632 960100", "")
    ]


def test_tells_every_item_of_a_row_that_changed():
    after = MOTHER | {"mobile_telephone": "07700 900456", "email": "ruth@marlowe.invalid"}
    assert told("contacts", [MOTHER], [after]) == [
        ("Ruth Marlowe: Mobile telephone", "07700 900123", "07700 900456"),
        ("Ruth Marlowe: E-mail", "", "ruth@marlowe.invalid"),
    ]
