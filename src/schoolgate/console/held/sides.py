"""Both sides of what waits, pupil by pupil: what the register holds and what the school sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from schoolgate.accounts.queries import names_of as names_of_people
from schoolgate.accounts.rights import Person
from schoolgate.attendance.access import HeldMarks, marks_on_for
from schoolgate.bases.access import bases_by_id_for
from schoolgate.console import words
from schoolgate.console.changes import ADDED, REMOVED, row_lines
from schoolgate.console.values import shown, shown_row
from schoolgate.holding.access import HeldEntry, HeldItem, items_for
from schoolgate.holding.queries import fingerprint_of
from schoolgate.holding.rules import ABSENCE, DELETE, MARKS, WHO, marks_of
from schoolgate.holding.states import ItemState
from schoolgate.matching.access import links_elsewhere_for
from schoolgate.pupils.access import blocks_for, names_for, within_sight_for
from schoolgate_message.blocks import Content, Row, content_from
from schoolgate_message.groups import ATTENDANCE, BASIC_DETAILS, BY_NAME, ENROLMENTS, IDENTIFIERS
from schoolgate_message.items import DataGroup, DataItem

MOST_LINES = 40
"""Of one data group of one pupil; the pupil's page has the rest."""
KEYS = (
    (IDENTIFIERS, "upn"),
    (BASIC_DETAILS, "family_name"),
    (BASIC_DETAILS, "given_name"),
    (BASIC_DETAILS, "date_of_birth"),
    (BASIC_DETAILS, "sex"),
)
"""What a pupil is recognised by, in the order it is compared."""
_OF_THE_WHOLE = {ABSENCE: "Roll", WHO: "Who it is"}
"""What is asked of a pupil as a whole, and of no data group."""
ON_THEIR_WAY = "Being landed"
DELETED = "Deleted"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One value on both sides; empty where there is none."""

    label: str
    held: str
    sent: str
    differs: bool


@dataclass(frozen=True, kw_only=True)
class GroupSides:
    """One data group on both sides. ``more`` lines were left off; ``note`` is said instead of lines."""

    label: str
    lines: list[Line]
    more: int = 0
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class PupilSides:
    """One pupil of an entry. ``tick`` is what the box sends, empty where there is nothing to decide."""

    external_id: str
    tick: str
    pupil_id: int | None
    name: str
    sent_name: str
    state: str
    groups: list[GroupSides]
    also_at: list[str]
    run_id: int | None
    is_beyond: bool
    """Whether it is about a pupil of bases the reader doesn't look after: then neither side is shown."""
    decided_by: str
    decided_at: datetime | None
    reason: str


def sides_of(user: Person, entry: HeldEntry, external_ids: Sequence[str]) -> list[PupilSides]:
    """These pupils of an entry, each with both sides. A query a data group, however many pupils."""
    by_pupil: dict[str, list[HeldItem]] = defaultdict(list)
    for item in items_for(user, entry, external_ids):
        by_pupil[item.external_id].append(item)
    items = [item for each in by_pupil.values() for item in each]
    pupil_ids = {item.pupil_id for item in items if item.pupil_id is not None}
    shared = _Shared(
        register=_register(user, items, base_id=entry.base_id),
        marks=_held_marks(user, items, base_id=entry.base_id),
        names=names_for(user, pupil_ids),
        people=names_of_people(item.decided_by for item in items),
        also_at=_also_at(user, pupil_ids, base_id=entry.base_id),
        beyond=frozenset(pupil_ids) - within_sight_for(user, pupil_ids),
    )
    return [_pupil(each, by_pupil[each], shared) for each in external_ids if each in by_pupil]


@dataclass(frozen=True, kw_only=True)
class _Shared:
    """What was read once for all pupils of the page."""

    register: Mapping[str, Mapping[int, Content]]
    marks: Mapping[tuple[int, date], HeldMarks]
    names: Mapping[int, str]
    people: Mapping[int, str]
    also_at: Mapping[int, list[str]]
    beyond: frozenset[int]
    """Pupils of bases that the reader doesn't look after."""

    def held(self, group: str, pupil_id: int | None) -> Content | None:
        return self.register.get(group, {}).get(pupil_id or 0)


def _pupil(external_id: str, items: list[HeldItem], shared: _Shared) -> PupilSides:
    waiting = [each for each in items if each.state == ItemState.WAITING.value]
    for_a_person = [each for each in waiting if not _is_landing(each)]
    last = items[-1]
    pupil_id = next((each.pupil_id for each in items if each.pupil_id is not None), None)
    is_beyond = any(each.pupil_id in shared.beyond for each in items)
    return PupilSides(
        external_id=external_id,
        tick=f"{external_id}~{fingerprint_of(for_a_person)}" if for_a_person and not is_beyond else "",
        pupil_id=None if is_beyond else pupil_id,
        name=shared.names.get(pupil_id or 0, ""),
        sent_name=_sent_name(waiting),
        state=_state(waiting, for_a_person, last),
        groups=[] if is_beyond else _groups(items, waiting, shared),
        also_at=shared.also_at.get(pupil_id or 0, []),
        run_id=last.release_run_id,
        is_beyond=is_beyond,
        decided_by=shared.people.get(last.decided_by or 0, ""),
        decided_at=None if for_a_person else last.decided_at,
        reason="" if for_a_person else last.reason,
    )


def _groups(items: list[HeldItem], waiting: list[HeldItem], shared: _Shared) -> list[GroupSides]:
    return [*_keys(waiting, shared), *(_sides(each, shared) for each in sorted(_shown(items), key=_place))]


def _shown(items: list[HeldItem]) -> list[HeldItem]:
    """All but the question who it is while it waits: its keys are shown for themselves."""
    return [each for each in items if each.kind != WHO or each.state != ItemState.WAITING.value]


def _place(item: HeldItem) -> int:
    """The data groups in their declared order: who it is comes first."""
    return BY_NAME[item.group].number if item.group in BY_NAME else len(BY_NAME) + 1


def _is_landing(item: HeldItem) -> bool:
    return bool(getattr(item, "is_on_its_way", False))


def _state(waiting: list[HeldItem], for_a_person: list[HeldItem], last: HeldItem) -> str:
    if for_a_person:
        return ItemState.WAITING.label
    return ON_THEIR_WAY if waiting else ItemState(last.state).label


def _newest(waiting: Sequence[HeldItem]) -> HeldItem:
    """What was read last: by its keys the message will name the pupil."""
    return max(waiting, key=lambda each: (each.read_at, each.pk))


def _sent_name(waiting: Sequence[HeldItem]) -> str:
    keys = _newest(waiting).keys if waiting else {}
    return " ".join(filter(None, (keys.get("given_name"), keys.get("family_name"))))


def _keys(waiting: list[HeldItem], shared: _Shared) -> list[GroupSides]:
    """What the pupil is recognised by, where the blocks that wait don't show it."""
    shows = {IDENTIFIERS.name, BASIC_DETAILS.name}
    if not waiting or any(each.group in shows or each.kind == ABSENCE for each in waiting):
        return []
    item = _newest(waiting)
    lines = []
    for group, name in KEYS:
        held = shared.held(group.name, item.pupil_id)
        found = held.get(name) if isinstance(held, dict) else None
        lines.append(_line(_item(group, name), found, item.keys.get(name)))
    return [GroupSides(label="Recognised by", lines=[each for each in lines if each.held or each.sent])]


def _sides(item: HeldItem, shared: _Shared) -> GroupSides:
    label = words.group(item.group) if item.group in {*BY_NAME, ATTENDANCE} else _OF_THE_WHOLE[item.kind]
    if item.state != ItemState.WAITING.value:
        return GroupSides(label=label, lines=[], note=ItemState(item.state).label)
    if item.kind == ABSENCE:
        lines = _absence(shared.held(ENROLMENTS.name, item.pupil_id))
    elif item.kind == MARKS:
        lines = _marks(item, shared)
    elif item.kind == DELETE:
        held = _block(BY_NAME[item.group], shared.held(item.group, item.pupil_id), None)
        lines = [replace(each, sent=DELETED) for each in held]
    else:
        sent = content_from(item.content)
        lines = _block(BY_NAME[item.group], shared.held(item.group, item.pupil_id), sent)
    return GroupSides(label=label, lines=lines[:MOST_LINES], more=max(len(lines) - MOST_LINES, 0))


def _block(group: DataGroup, held: Content | None, sent: Content | None) -> list[Line]:
    if group.is_list:
        return _rows(group, held if isinstance(held, list) else [], sent if isinstance(sent, list) else [])
    was = held if isinstance(held, dict) else {}
    says = sent if isinstance(sent, dict) else {}
    return [
        _line(item, was.get(item.name), says.get(item.name))
        for item in group.items
        if item.name in was or item.name in says
    ]


def _rows(group: DataGroup, held: Sequence[Row], sent: Sequence[Row]) -> list[Line]:
    """Rows on both sides once, what differs within a row item by item, and rows on one side alone whole."""
    same = [shown_row(group, row) for row in sent if row in held]
    lines = [Line(label="Row", held=each, sent=each, differs=False) for each in same]
    for each in row_lines(group, held, sent):
        label = "Row" if each.label in {ADDED, REMOVED} else each.label
        lines.append(Line(label=label, held=each.before, sent=each.after, differs=True))
    return lines


def _marks(item: HeldItem, shared: _Shared) -> list[Line]:
    lines = []
    for day in marks_of(item.content.encode()):
        held = shared.marks.get((item.pupil_id or 0, date.fromisoformat(day.on)), ("", ""))
        for half, was, says in zip(("AM", "PM"), held, (day.am, day.pm), strict=True):
            if says is not None:
                sent = "" if says == "-" else says
                label = f"{words.short_day(day.on)} {half}"
                lines.append(Line(label=label, held=was, sent=sent, differs=was != sent))
    return lines


def _absence(enrolments: Content | None) -> list[Line]:
    rows = enrolments if isinstance(enrolments, list) else []
    held = [shown_row(ENROLMENTS, row) for row in rows] or ["On the roll"]
    return [Line(label="Enrolment", held=each, sent="Not named by the roll", differs=True) for each in held]


def _line(item: DataItem, held: object, sent: object) -> Line:
    return Line(
        label=item.label,
        held=shown(item, held),
        sent=shown(item, sent),
        differs=(held or None) != (sent or None),
    )


def _item(group: DataGroup, name: str) -> DataItem:
    return next(each for each in group.items if each.name == name)


def _register(user: Person, items: Iterable[HeldItem], *, base_id: int) -> dict[str, dict[int, Content]]:
    """What the register holds of every group that waits, and of what pupils are recognised by."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for item in items:
        if item.pupil_id is None or item.state != ItemState.WAITING.value:
            continue
        groups = (
            {ENROLMENTS.name} if item.kind == ABSENCE else {item.group, *(group.name for group, _ in KEYS)}
        )
        for name in groups & BY_NAME.keys():
            wanted[name].add(item.pupil_id)
    return {name: blocks_for(user, BY_NAME[name], ids, base_id=base_id) for name, ids in wanted.items()}


def _held_marks(
    user: Person, items: Iterable[HeldItem], *, base_id: int
) -> dict[tuple[int, date], HeldMarks]:
    days: dict[int, set[date]] = defaultdict(set)
    for item in items:
        if item.group == ATTENDANCE and item.pupil_id is not None:
            days[item.pupil_id] |= {date.fromisoformat(day.on) for day in marks_of(item.content.encode())}
    return marks_on_for(user, days, base_id=base_id)


def _also_at(user: Person, pupil_ids: Collection[int], *, base_id: int) -> dict[int, list[str]]:
    """At which other bases these pupils are known, in words."""
    links = links_elsewhere_for(user, pupil_ids, base_id)
    bases = bases_by_id_for(user, (other for each in links.values() for other in each))
    return {
        pupil_id: [
            f"{bases[other].name} ({state or 'Current'})" for other, state in each.items() if other in bases
        ]
        for pupil_id, each in links.items()
    }
