"""The schema follows from the declarations, and the declarations hold together."""

from __future__ import annotations

from importlib import resources

import pytest

from schoolgate_message import groups, layout
from schoolgate_message.items import ItemType
from schoolgate_message.schema import FILE_NAMES, schema_text


@pytest.mark.parametrize("version", layout.VERSIONS)
def test_is_committed_as_the_declarations_make_it(version):
    committed = resources.files("schoolgate_message").joinpath(FILE_NAMES[version]).read_text("utf-8")
    assert committed == schema_text(version), "run: python -m schoolgate_message.schema"


def test_gives_each_group_its_own_number_name_and_element():
    for names in ("number", "name", "element"):
        assert len({getattr(group, names) for group in groups.GROUPS}) == len(groups.GROUPS)


def test_gives_each_item_its_own_name_and_element_within_its_group():
    for group in groups.GROUPS:
        assert len(set(group.item_names)) == len(group.items)
        assert len({item.element for item in group.items}) == len(group.items)
        assert set(group.order) <= set(group.item_names)


def test_uses_no_element_twice_that_the_reader_looks_for_by_name():
    ours = {layout.ROOT, "Header", "Roll", "Pupil", "Pupils", "Deleted", "Marks", layout.EXTENSIONS}
    used = {group.element for group in groups.GROUPS} | {group.row_element for group in groups.GROUPS}
    used |= {item.element for group in groups.GROUPS for item in group.items}
    assert not ours & used


def test_names_a_code_set_for_every_code_and_for_nothing_else():
    for group in groups.GROUPS:
        for item in group.items:
            assert bool(item.code_set) == (item.type is ItemType.CODE)
