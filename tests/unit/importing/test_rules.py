"""What becomes of an item and of a block, under each processing rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.importing.rules import Fate, ProcessingRule, RuleBook, decide, decide_block
from schoolgate_message import groups

ALWAYS, CONFLICT, IF_EMPTY, NEVER = ProcessingRule
HELD = {"paon": "14", "town": "Otley"}
SENT = {"paon": "15", "town": "Otley", "county": "Wharfdale"}


@pytest.mark.parametrize(
    ("rule", "differs", "none_held"),
    [
        (ALWAYS, Fate.WRITTEN, Fate.WRITTEN),
        (CONFLICT, Fate.IN_CONFLICT, Fate.IN_CONFLICT),
        (IF_EMPTY, Fate.IN_CONFLICT, Fate.WRITTEN),
        (NEVER, Fate.IGNORED, Fate.IGNORED),
    ],
)
def test_decides_an_item_as_the_handbooks_table_says(rule, differs, none_held):
    assert decide("same", "same", rule) is Fate.UNCHANGED
    assert decide("old", "new", rule) is differs
    assert decide(None, "new", rule) is none_held


def test_takes_no_and_nought_for_values():
    assert decide(False, None, IF_EMPTY) is Fate.IN_CONFLICT
    assert decide(0, 1, IF_EMPTY) is Fate.IN_CONFLICT
    assert decide(None, False, ALWAYS) is Fate.WRITTEN


def test_takes_no_rows_for_nothing_held():
    assert decide([], None, ALWAYS) is Fate.UNCHANGED
    assert decide([], [{"rank": 1}], IF_EMPTY) is Fate.WRITTEN


def test_keeps_in_the_audit_only_the_items_written():
    decision = decide_block(groups.ADDRESS, HELD, SENT, RuleBook())
    assert decision.fate is Fate.WRITTEN
    assert decision.content == SENT
    assert (decision.before, decision.after) == ({"paon": "14"}, {"paon": "15", "county": "Wharfdale"})


def test_writes_the_items_it_may_and_counts_the_block_under_the_gravest():
    rules = RuleBook(by_item={("address", "paon"): CONFLICT})
    decision = decide_block(groups.ADDRESS, HELD, SENT, rules)
    assert decision.fate is Fate.IN_CONFLICT
    assert decision.content == {**HELD, "county": "Wharfdale"}
    assert decision.items == {"paon": Fate.IN_CONFLICT, "town": Fate.UNCHANGED, "county": Fate.WRITTEN}


def test_leaves_the_record_alone_under_do_not_import():
    decision = decide_block(groups.ADDRESS, HELD, SENT, RuleBook(default=NEVER))
    assert (decision.fate, decision.content) == (Fate.IGNORED, HELD)


def test_decides_the_rows_of_a_list_together():
    held, sent = [{"rank": 1, "need_type": "SLCN"}], [{"rank": 1, "need_type": "MLD"}]
    assert decide_block(groups.SEN_NEEDS, held, sent, RuleBook()).content == sent
    kept = decide_block(groups.SEN_NEEDS, held, sent, RuleBook(by_group={"sen_needs": IF_EMPTY}))
    assert (kept.fate, kept.content) == (Fate.IN_CONFLICT, held)


def test_lets_the_items_own_rule_go_before_its_groups():
    rules = RuleBook(by_group={"address": NEVER}, by_item={("address", "paon"): ALWAYS})
    assert decide_block(groups.ADDRESS, HELD, SENT, rules).content == {**HELD, "paon": "15"}


def test_ranks_the_fates_as_the_account_counts_them():
    assert sorted(Fate) == [Fate.UNCHANGED, Fate.IGNORED, Fate.WRITTEN, Fate.IN_CONFLICT, Fate.REFUSED]


_ROWS = st.dictionaries(
    st.sampled_from(groups.ADDRESS.item_names), st.text(min_size=1, max_size=4), max_size=5
)


@given(held=st.none() | _ROWS, sent=_ROWS, rule=st.sampled_from(ProcessingRule))
def test_leaves_nothing_to_do_when_the_same_block_comes_again(held, sent, rule):
    rules = RuleBook(by_group={"address": rule})
    first = decide_block(groups.ADDRESS, held, sent, rules)
    again = decide_block(groups.ADDRESS, first.content, sent, rules)
    assert again.content == first.content
    if rule is ALWAYS:
        assert first.content == sent
        assert again.fate is Fate.UNCHANGED
