"""What an element of the message says, as a record; the schema has been held against it before.

What the schema cannot say is refused here: a day of a window that comes after its end, a statement that
stands twice.
"""

from __future__ import annotations

from collections.abc import Callable

from schoolgate_message import days, layout, values
from schoolgate_message.blocks import Content, Row, in_canonical_order, in_canonical_order_with_ids
from schoolgate_message.groups import ATTENDANCE, BY_ELEMENT, GROUPS
from schoolgate_message.items import DataGroup
from schoolgate_message.message_errors import misfit
from schoolgate_message.records import (
    AttendanceWindow,
    DayMarks,
    KeptBack,
    MatchKeys,
    MessageHeader,
    MessagePupil,
    RollEntry,
    RollManifest,
)
from schoolgate_message.xml_elements import Element, line_of


def header_of(element: Element) -> MessageHeader:
    """The header, of either version. Raises MessageError where its statements contradict themselves."""
    said = {child.tag: (child.text or "").strip() for child in element}
    header = MessageHeader(
        base=said["Base"],
        authority=said["Authority"],
        data_type=said["DataType"],
        source=said["Source"],
        created_at=said["CreatedAt"],
        academic_year=int(said["AcademicYear"]),
        since_at=said.get("SinceAt", ""),
        part=int(said["Part"]),
        parts=int(said["Parts"]),
        **{name: said.get(tag, "") for tag, name, _ in layout.HEADER_SINCE_2},
        kept_back=_kept_back(element.find(layout.KEPT)),
        whole_windows=_windows(element.find(layout.MARKS_NAME)),
    )
    if header.kept_back and header.part > 1:
        raise misfit(layout.KEPT, "may stand in the first part alone", line_of(element))
    return header


def _kept_back(element: Element | None) -> dict[str, KeptBack]:
    kept: dict[str, KeptBack] = {}
    for group in () if element is None else element:
        said = group.get("Name", "")
        name = ATTENDANCE if said == layout.MARKS_NAME else BY_ELEMENT[said].name
        if name in kept:
            raise misfit("Group", "stands twice for one data group", line_of(group))
        kept[name] = _kept_group(group)
    return kept


def _kept_group(element: Element) -> KeptBack:
    left_out: dict[str, int] = {}
    who: dict[str, tuple[str, ...]] = {}
    for each in element:
        reason, count = each.get("Reason", ""), int(each.get("Count", ""))
        if reason in left_out:
            raise misfit("LeftOut", "stands twice for one reason", line_of(each))
        left_out[reason] = count
        if len(each):
            who[reason] = tuple(pupil.get("Id", "") for pupil in each)
            if len(who[reason]) > count:
                raise misfit("LeftOut", "names more pupils than it counts", line_of(each))
    return KeptBack(unchanged=int(element.get("Unchanged", "0")), left_out=left_out, who=who)


def _windows(element: Element | None) -> tuple[AttendanceWindow, ...]:
    found: list[AttendanceWindow] = []
    for each in () if element is None else element:
        from_on, until_on = each.get("From", "").strip(), each.get("Until", "").strip()
        if from_on >= until_on:
            raise misfit("Window", "ends before it begins", line_of(each))
        codes = tuple(each.get("Codes", "").split())
        found.append(AttendanceWindow(from_on=from_on, until_on=until_on, codes=codes))
    return tuple(found)


def roll_of(element: Element) -> RollManifest:
    """The roll."""
    declared = element.get("Declared")
    current = layout.ROLL_STATES[0]
    return RollManifest(
        cohort=tuple(element.get("Cohort", "").split()),
        declared=None if declared is None else int(declared),
        is_complete=element.get("Complete", "").strip() in {"true", "1"},
        pupils=tuple(
            RollEntry(external_id=entry.get("Id", ""), state=entry.get("State", current)) for entry in element
        ),
    )


def pupil_of(element: Element) -> MessagePupil:
    """One pupil, content in canonical form. Raises MessageError for what an item cannot hold."""
    pupil = MessagePupil(keys=_match_keys(element))
    blocks = pupil.blocks
    for child in element:
        tag = child.tag
        read = _READERS.get(tag)
        if read is not None:
            name, read_group = read
            blocks[name], ids = read_group(child)
            if ids:
                pupil.row_ids[name] = ids
        elif tag == "Marks":
            pupil.marks = tuple([_day(day) for day in child])
        elif tag == "Deleted":
            pupil.deleted = tuple(BY_ELEMENT[each].name for each in child.get("Groups", "").split())
    return pupil


def _match_keys(element: Element) -> MatchKeys:
    """By what the pupil is recognised; a name that is not wholly readable recognises nobody."""
    get = element.get
    return MatchKeys(
        external_id=get("Id", ""),
        upn=_readable(get("UPN", "")),
        family_name=_readable(get("Surname", "")),
        given_name=_readable(get("Forename", "")),
        date_of_birth=days.written_day(get("DOB", "").strip() or _NO_DAY) or "",
        sex=_readable(get("Sex", "")),
    )


_NO_DAY = "0001-01-01"


def _readable(text: str) -> str:
    return "" if values.LOST in text else text


def _day(element: Element) -> DayMarks:
    get = element.get
    return DayMarks(on=get("Date", "").strip(), am=get("AM"), pm=get("PM"))


def _group_reader(group: DataGroup) -> Callable[[Element], tuple[Content, tuple[str, ...]]]:
    """Compile a data group's elements once: this is the inner loop of landing a county's pupils."""
    # What holds U+FFFD is refused where it lands, block by block: no whole message for one letter.
    items = {item.element: (item.name, values.converter(item, may_be_lost=True)) for item in group.items}

    def record(element: Element) -> Row:
        found: Row = {}
        for child in element:
            name, convert = items[child.tag]
            try:
                value = convert(child.text)
            except values.InvalidValueError as error:
                raise misfit(child.tag, error.reason, line_of(child)) from None
            if value is not None:
                found[name] = value
        return found

    def one(element: Element) -> tuple[Content, tuple[str, ...]]:
        return record(element), ()

    def rows(element: Element) -> tuple[Content, tuple[str, ...]]:
        found = [record(child) for child in element]
        ids = [child.get("Id", "") for child in element]
        if any(ids):
            return in_canonical_order_with_ids(found, ids)
        return in_canonical_order([row for row in found if row]), ()

    return rows if group.is_list else one


_READERS = {group.element: (group.name, _group_reader(group)) for group in GROUPS}
