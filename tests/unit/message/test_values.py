"""What one value may be: written in one form, or refused, and never more than that."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate_message import values
from schoolgate_message.days import written_day
from schoolgate_message.ids import usable_id
from schoolgate_message.items import DataItem, ItemType
from schoolgate_message.records import MatchKeys, MessagePupil

ITEMS = {each: DataItem(name="it", label="It", element="It", type=each) for each in (*ItemType,)} | {
    "number in letters": DataItem(name="it", label="It", element="It", is_number=True)
}


def written(kind: object, value: object) -> object:
    return values.converter(ITEMS[kind])(value)  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2016-07-01", "2016-07-01"),
        ("2016-06-30T23:00:00Z", "2016-07-01"),
        ("2016-06-30T23:00:00.0000000Z", "2016-07-01"),
        ("2016-06-30t23:00:00,5z", "2016-07-01"),
        ("2016-06-30 23:00Z", "2016-07-01"),
        ("2016-06-30T22:59:59.9999999Z", "2016-06-30"),
        ("2016-01-30T23:00:00Z", "2016-01-30"),
        ("2016-07-01T00:00:00+01:00", "2016-07-01"),
        ("2016-07-01T00:30:00+0200", "2016-06-30"),
        ("2016-06-30T18:30:00-05", "2016-07-01"),
        ("2016-06-30T23:00:00", "2016-06-30"),
        ("2016-06-30T23:59:59.123456789", "2016-06-30"),
        ("2016-02-29T00:00:00", "2016-02-29"),
        *((text, None) for text in ("0001-01-01", "9999-12-31", "0000-00-00")),
        *((text, None) for text in ("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59.9999999-05:00")),
        ("9998-12-31T23:59:59-12:00", None),
    ],
)
def test_takes_an_instant_for_a_day_in_london_and_the_ends_of_the_calendar_for_none(
    text: str, day: str | None
) -> None:
    assert written(ItemType.DATE, f" {text} ") == day


@pytest.mark.parametrize(
    "wrong",
    [
        "2015-09-10junk",
        "2015-09-10 junk",
        "2015-09-10T",
        "2015-09-10T23:00:00Zulu",
        "2015-09-10T25:00:00",
        "2015-09-10T23:61",
        "2015-09-10T12:00:00+99:00",
        "2015-02-30",
        "2015-02-30T00:00:00Z",
        "10/09/2015",
        "20150910",
        "\uff12\uff10\uff11\uff15-09-10",
        20150910,
        True,
        1.5,
        {"date": "2015-09-10"},
        ["2015-09-10"],
    ],
)
def test_refuses_what_is_no_day(wrong: object) -> None:
    with pytest.raises(values.InvalidValueError):
        written(ItemType.DATE, wrong)


@pytest.mark.parametrize(
    "odd", ["Ren\ufffde", "A\x00", "A\x1bB", "A\ud83d", "A\ufffeB", "A\uffff", "A\x7f\x00B"]
)
@pytest.mark.parametrize("kind", [ItemType.TEXT, ItemType.CODE, "number in letters"])
def test_refuses_a_text_with_a_character_that_was_lost_or_cannot_be_carried(kind: object, odd: str) -> None:
    with pytest.raises(values.InvalidValueError):
        written(kind, odd)


@pytest.mark.parametrize(
    ("kind", "given_value", "expected"),
    [
        (ItemType.TEXT, 14, "14"),
        (ItemType.TEXT, 14.0, "14"),
        (ItemType.TEXT, 100023336956, "100023336956"),
        (ItemType.NUMBER, "3", 3),
        (ItemType.NUMBER, 3.0, 3),
        (ItemType.DECIMAL, 1.5, "1.5"),
        (ItemType.DECIMAL, Decimal("2.50"), "2.5"),
        (ItemType.DATE, date(2016, 7, 1), "2016-07-01"),
        (ItemType.DATE, datetime(2016, 6, 30, 23, tzinfo=UTC), "2016-07-01"),
        (ItemType.YES_NO, "Yes", True),
        (ItemType.YES_NO, " no ", False),
        (ItemType.YES_NO, 0, False),
        (ItemType.YES_NO, 1.0, True),
    ],
)
def test_takes_a_value_of_a_type_for_its_text_and_a_text_for_its_value(
    kind: object, given_value: object, expected: object
) -> None:
    assert written(kind, given_value) == expected


@pytest.mark.parametrize("odd", [10**5000, -(10**5000), float("nan"), float("inf"), 1e300], ids=range(5))
def test_is_not_brought_down_by_a_number(odd: object) -> None:
    for kind in (ItemType.NUMBER, ItemType.DECIMAL, ItemType.DATE, ItemType.YES_NO):
        with pytest.raises(values.InvalidValueError):
            written(kind, odd)


@pytest.mark.parametrize("odd", [True, {}, {"a": 1}, [], ["x"], [["x"]]])
def test_refuses_for_a_text_what_is_none(odd: object) -> None:
    with pytest.raises(values.InvalidValueError):
        written(ItemType.TEXT, odd)


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("kind", ITEMS)
@given(value=_ANYTHING)
def test_answers_a_written_form_that_is_its_own_or_refuses(kind: object, value: object) -> None:
    try:
        found = written(kind, value)
    except values.InvalidValueError:
        return
    assert found is None or written(kind, found) == found
    assert not values.UNCARRIED.search(str(found))
    assert values.LOST not in str(found)


@given(
    text=st.from_regex(
        r"[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-6][0-9](:[0-9.]+)?(Z|[+-][0-2][0-9]:?[0-9]{2})?)?"
    )
)
def test_reads_a_day_in_its_one_form_or_refuses_it(text: str) -> None:
    try:
        day = written_day(text)
    except ValueError:
        return
    assert day is None or written_day(day) == day


def test_takes_for_an_id_what_a_message_can_carry() -> None:
    assert usable_id(" {8D1AF2C9-0F8A-4A33-9E70-3A7A2F2C6A01} ") == "8d1af2c9-0f8a-4a33-9e70-3a7a2f2c6a01"
    assert [usable_id(each) for each in ("a\x00", "a\ufffd", "a\ud83d", "x" * 61, "")] == [""] * 5
    assert usable_id("p-001") == "p-001"


def test_lets_a_message_hold_what_was_lost_and_recognises_nobody_by_it() -> None:
    item = ITEMS[ItemType.TEXT]
    assert values.converter(item, may_be_lost=True)("Ren\ufffde") == "Ren\ufffde"
    assert MessagePupil(keys=MatchKeys(external_id="a")).blocks == {}
