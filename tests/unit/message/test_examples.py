"""The examples that suppliers are shown are good messages, and what is said of them holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schoolgate_message import layout
from schoolgate_message.xml_reader import MessageReader

PAGE = (Path(__file__).parents[3] / "docs/reference/b2b-message.md").read_text(encoding="utf-8")
EXAMPLES = [each.encode() for each in re.findall(r"```xml\n(.*?)```", PAGE, flags=re.DOTALL)]


@pytest.mark.parametrize("body", EXAMPLES, ids=range(len(EXAMPLES)))
def test_can_be_read(body):
    reader = MessageReader(body)
    assert len(list(reader)) <= len(reader.roll.pupils)
    assert reader.version == layout.VERSION
    header = reader.header
    assert header.maker
    assert header.message_id
    assert header.read_from


def test_show_everything_that_version_2_adds_each_under_an_id_of_its_own():
    readers = [MessageReader(body) for body in EXAMPLES]
    pupils = [pupil for reader in readers for pupil in reader]
    assert any(reader.extensions for reader in readers)
    assert any(reader.header.kept_back and reader.header.whole_windows for reader in readers)
    assert any(pupil.row_ids and pupil.marks and pupil.deleted for pupil in pupils)
    assert len({reader.header.message_id for reader in readers}) == len(readers) == 3
