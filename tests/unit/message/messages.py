"""Messages for tests: a small good one, and Hypothesis's idea of any."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from hypothesis import strategies as st

from schoolgate_message import groups
from schoolgate_message.blocks import canonical, in_canonical_order_with_ids
from schoolgate_message.items import DataGroup, DataItem, ItemType
from schoolgate_message.records import (
    AttendanceWindow,
    DayMarks,
    KeptBack,
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

VERSION_1 = (Path(__file__).parent / "written/version_1.xml").read_bytes()
"""What the last writer of version 1 made of the small message."""

_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffd\ufffe\uffff"), max_size=8
)
_LINES = st.sampled_from(["", "\t", "\n", "\r\n", "\u0085", "\u2028", "]]>", "&amp;", "<!--", '"', "\u00a0"])
_DAY = st.dates(date(2, 1, 1), date(9998, 12, 31)).map(lambda day: day.isoformat().zfill(10))
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


_ROW_IDS = {
    group.name: st.lists(st.just("") | _WORDS, min_size=3, max_size=3)
    for group in groups.GROUPS
    if group.is_list
}


def _with_row_ids(pupil: MessagePupil, ids: dict[str, list[str]]) -> MessagePupil:
    for name, content in pupil.blocks.items():
        if isinstance(content, list):
            pupil.blocks[name], kept = in_canonical_order_with_ids(content, ids[name][: len(content)])
            if kept:
                pupil.row_ids[name] = kept
    return pupil


_KEY = _WORDS.map(lambda text: text[:10])
_CODE = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=3,
)
_PUPILS = st.builds(
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
PUPILS = st.builds(_with_row_ids, _PUPILS, st.fixed_dictionaries(_ROW_IDS))
"""Any pupil a message can carry, in canonical form."""

_OF_OUR_ERA = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.timezones())  # noqa: DTZ001
_INSTANTS = _OF_OUR_ERA.map(lambda instant: instant.astimezone(UTC).isoformat())
_SAID = st.just("") | _WORDS.map(str.strip)
_REASONS = st.from_regex(r"[a-z][a-z0-9_.]{0,20}", fullmatch=True)
_WHO = st.dictionaries(_REASONS, st.lists(_WORDS.filter(bool), max_size=3).map(tuple), max_size=3)


def _kept(unchanged: int, who: dict[str, tuple[str, ...]], more: int) -> KeptBack:
    named = {reason: pupils for reason, pupils in who.items() if pupils}
    left_out = {reason: len(pupils) + more for reason, pupils in who.items()}
    return KeptBack(unchanged=unchanged, left_out=left_out, who=named)


_KEPT = st.builds(_kept, st.integers(0, 999_999_999), _WHO, st.integers(0, 9))
_WINDOWS = st.builds(
    lambda days, codes: AttendanceWindow(from_on=days[0], until_on=days[1], codes=codes),
    st.lists(_DAY, min_size=2, max_size=2, unique=True).map(sorted),
    st.lists(_CODE, max_size=3).map(tuple),
)
HEADERS = st.builds(
    MessageHeader,
    base=st.just("8201079"),
    authority=st.just("820"),
    data_type=st.just("snapshot"),
    source=st.just("sims_primary"),
    created_at=_INSTANTS,
    academic_year=st.integers(2000, 2100),
    since_at=st.just("") | _INSTANTS,
    parts=st.integers(1, 99_999),
    maker=_SAID,
    maker_version=_SAID,
    message_id=_SAID,
    read_from=st.just("") | _INSTANTS,
    read_until=st.just("") | _INSTANTS,
    kept_back=st.dictionaries(st.sampled_from([*groups.BY_NAME, groups.ATTENDANCE]), _KEPT, max_size=3),
    whole_windows=st.lists(_WINDOWS, max_size=3).map(tuple),
)
"""Any header of a first part."""
