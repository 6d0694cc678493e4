"""Code sets: every one that is named exists, says where it is published and fits its column."""

from __future__ import annotations

from datetime import date

import pytest

from schoolgate.codes.registry import UnknownCodeSetError, code_set, code_sets
from schoolgate.codes.sets import Code, CodeSet, Confidence
from schoolgate_message.groups import GROUPS


def test_has_every_code_set_the_data_items_name():
    named = {item.code_set for group in GROUPS for item in group.items if item.code_set}
    assert named <= code_sets().keys()


def test_holds_no_code_longer_than_its_data_item():
    for group in GROUPS:
        for item in group.items:
            if item.code_set:
                assert max(len(entry.code) for entry in code_set(item.code_set).entries) <= item.max_length


def test_says_for_every_set_where_it_is_published():
    for found in code_sets().values():
        assert found.publication
        assert found.title
        assert all(entry.label for entry in found.entries)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("sex", {"F", "M"}),
        ("nc_year", {"N1", "N2", "R", "1", "14", "X"}),
        ("sen_provision", {"N", "K", "E"}),
        ("ethnicity", {"WBRI", "REFU", "NOBT", "WCOR"}),
        ("language", {"ENG", "BNGS", "BSL"}),
        ("la_codes", {"820", "821", "MMM", "999"}),
        ("school_session", {"AM", "PM"}),
        ("communication_kind", {"Telephone", "Email"}),
        ("suspension_type", {"SUSP", "PERM", "LNCH", "FIXD"}),
    ],
)
def test_knows_the_codes_of_the_trade(name, codes):
    assert codes <= {entry.code for entry in code_set(name).entries}
    assert not code_set(name).has("no such")


def test_knows_a_code_only_in_its_time():
    provisions = code_set("sen_provision")
    assert provisions.has("K")
    assert not provisions.has("K", date(2014, 8, 31))
    assert provisions.has("K", date(2014, 9, 1))
    assert provisions.has("S", date(2018, 3, 31))
    assert not provisions.has("S", date(2018, 4, 1))


def test_gives_a_code_without_words_back_as_it_is():
    assert code_set("sex").label("F") == "Female"
    assert code_set("sex").label("7") == "7"


def test_refuses_a_name_nobody_declared_and_a_code_that_stands_twice():
    with pytest.raises(UnknownCodeSetError):
        code_set("shoe_size")
    with pytest.raises(ValueError, match="stands twice"):
        CodeSet(
            "pair",
            title="Pair",
            publication="Schoolgate",
            reference="",
            confidence=Confidence.OFFICIAL,
            entries=[Code(code="A", label="One"), Code(code="A", label="Two")],
        )
