"""Codes and check letters of what arrives."""

from __future__ import annotations

from schoolgate.importing.checks import has_wrong_upn, refusals_of
from schoolgate_message import groups


def test_names_the_item_and_the_code_set_but_not_the_value():
    found = refusals_of(groups.ETHNICITY_LANGUAGE, {"ethnicity": "QQQ", "religion": "CH"})
    assert [(each.item, each.code) for each in found] == [("ethnicity", "item.unknown_code")]
    assert "ethnicity" in found[0].sentence
    assert "QQQ" not in found[0].sentence + found[0].remedy


def test_names_an_item_once_however_many_rows_are_wrong():
    rows = [{"rank": 1, "need_type": "??"}, {"rank": 2, "need_type": "!!"}]
    assert [each.item for each in refusals_of(groups.SEN_NEEDS, rows)] == ["need_type"]


def test_finds_nothing_wrong_with_known_codes_and_with_groups_that_have_none():
    assert refusals_of(groups.BASIC_DETAILS, {"family_name": "Marlowe", "sex": "F"}) == []
    assert refusals_of(groups.ADDRESS, {"town": "Otley"}) == []


def test_asks_every_coded_item_for_a_code_set_that_exists():
    for group in groups.GROUPS:
        content = {} if not group.is_list else []
        assert refusals_of(group, content) == []


def test_tells_a_upn_whose_check_letter_is_wrong():
    assert has_wrong_upn({"upn": "Z999999999999"})
    assert not has_wrong_upn({"uln": "1"})
