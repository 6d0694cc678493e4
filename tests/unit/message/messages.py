"""Messages for tests: a small good one, and Hypothesis's idea of any."""

from __future__ import annotations

from hypothesis import strategies as st

from schoolgate_message import groups
from schoolgate_message.blocks import canonical
from schoolgate_message.items import DataGroup, DataItem, ItemType
from schoolgate_message.records import (
    DayMarks,
    MatchKeys,
    Message,
    MessageHeader,
    MessagePupil,
    RollEntry,
    RollManifest,
)

HEADER = MessageHeader(
    base="8201079",
    authority="820",
    data_type="snapshot",
    source="sims_primary",
    created_at="2025-09-01T02:10:00Z",
    academic_year=2025,
)
ROLL = RollManifest(
    cohort=("R", "1"),
    declared=2,
    is_complete=True,
    pupils=(RollEntry(external_id="a-1"), RollEntry(external_id="a-2", state="Leaver")),
)
ZOE = MessagePupil(
    keys=MatchKeys(external_id="a-1", upn="H801200001001", family_name="O'Neil", given_name="Zoë", sex="F"),
    blocks={
        "basic_details": {"family_name": "O'Neil", "given_name": "Zoë", "date_of_birth": "2016-02-29"},
        "address": {"street": "Fish & Chip Lane <west>", "postcode": "MK40 1AA"},
        "sen_needs": [{"need_type": "SLCN", "rank": 1}],
        "contacts": [{"family_name": "O'Neil", "has_responsibility": True, "priority": 1}],
        "free_school_meals": [],
    },
    deleted=("suspensions",),
    marks=(DayMarks(on="2025-09-03", am="/", pm="\\"), DayMarks(on="2025-09-04", am="-", pm="C1")),
)
UNKNOWN = MessagePupil(keys=MatchKeys(external_id="a-2"))
SMALL = Message(header=HEADER, roll=ROLL, pupils=[ZOE, UNKNOWN])

_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=8)
_LINES = st.sampled_from(["", "\t", "\n", "\r\n", "\u0085", "\u2028", "]]>", "&amp;", "<!--", '"', "\u00a0"])
_DAY = st.dates().map(lambda day: day.isoformat().zfill(10))
_WORDS = st.builds(lambda *parts: "".join(parts), _TEXT, _LINES, _TEXT)
_VALUES = {
    ItemType.YES_NO: st.booleans(),
    ItemType.NUMBER: st.integers(-999_999_999, 999_999_999),
    ItemType.DATE: _DAY,
    ItemType.DECIMAL: st.decimals(-99_999, 99_999, places=2).map(str),
}


def _value(item: DataItem) -> st.SearchStrategy[object]:
    # Half the length, since composing to NFC may lengthen a text.
    return _VALUES.get(item.type, _WORDS.map(lambda text: text[: item.max_length // 3]))


def _block(group: DataGroup) -> st.SearchStrategy[object]:
    row = st.fixed_dictionaries({}, optional={item.name: _value(item) for item in group.items})
    raw = st.lists(row, max_size=3) if group.is_list else row
    return raw.map(lambda content: canonical(group, content))


_KEY = _WORDS.map(lambda text: text[:10])
_CODE = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=3,
)
PUPILS = st.builds(
    MessagePupil,
    keys=st.builds(
        MatchKeys,
        external_id=_WORDS.filter(bool),
        upn=_KEY,
        family_name=_KEY,
        given_name=_KEY,
        sex=_KEY,
        date_of_birth=st.just("") | _DAY,
    ),
    blocks=st.fixed_dictionaries({}, optional={group.name: _block(group) for group in groups.GROUPS}),
    deleted=st.lists(st.sampled_from(sorted(groups.BY_NAME)), unique=True, max_size=3).map(tuple),
    marks=st.lists(st.builds(DayMarks, on=_DAY, am=st.none() | _CODE, pm=st.none() | _CODE), max_size=4).map(
        tuple
    ),
)
"""Any pupil a message can carry, in canonical form."""
