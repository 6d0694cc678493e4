"""The XSD of each version of the B2B message, made from the declarations of the data groups.

``python -m schoolgate_message.schema`` writes ``b2b_student_1.xsd`` and ``b2b_student_2.xsd`` beside
this module; a test holds the committed files against the declarations.  The schema is strict about
structure, types and lengths.  Whether a code exists in its code set is not its business: code sets have
dates, and landing asks them.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from lxml import etree

from schoolgate_message import layout
from schoolgate_message.data_types import DataType
from schoolgate_message.groups import GROUPS
from schoolgate_message.items import DataGroup, DataItem, ItemType
from schoolgate_message.values import DECIMAL_DIGITS, DECIMAL_PLACES, LARGEST_NUMBER

FILE_NAMES = MappingProxyType({"1.0": "b2b_student_1.xsd", "2.0": "b2b_student_2.xsd"})
"""The file of each version's schema."""

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- Made from the declarations of the data groups by schoolgate_message.schema; do not edit. -->
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" version="{version}">
"""

_NAMED_TYPES = {
    ItemType.DATE: "Day",
    ItemType.YES_NO: "YesNo",
    ItemType.NUMBER: "Number",
    ItemType.DECIMAL: "Decimal",
}


def schema_text(version: str = layout.VERSION) -> str:
    """The schema of a version as it follows from the declarations."""
    has_row_ids = version != layout.FIRST_VERSION
    groups = [_group_type(group, has_row_ids=has_row_ids) for group in GROUPS]
    lines = [_HEAD.format(version=version), *_simple_types(version), *groups, *_message(version)]
    return "\n".join([*lines, "</xs:schema>", ""])


_of_thread = threading.local()
_compiling = threading.Lock()


def schema(version: str) -> etree.XMLSchema:
    """The committed schema of a version, compiled once a thread: it keeps the errors of its last check.

    One thread compiles at a time: two that are the first at once spoil the parser's built-in types.
    """
    known: dict[str, etree.XMLSchema] = _of_thread.__dict__
    if version not in known:
        body = resources.files(__package__).joinpath(FILE_NAMES[version]).read_bytes()
        with _compiling:
            known[version] = etree.XMLSchema(etree.fromstring(body))
    return known[version]


def main() -> None:
    """Write the schemas where the package keeps them."""
    for version, name in FILE_NAMES.items():
        Path(__file__).with_name(name).write_text(schema_text(version), encoding="utf-8")
        sys.stdout.write(f"{name}: {len(GROUPS)} data groups\n")


def _simple_types(version: str) -> Iterable[str]:
    yield _restriction("Day", "xs:date", '<xs:pattern value="[0-9]{4}-[0-9]{2}-[0-9]{2}"/>')
    instant = ".+" if version == layout.FIRST_VERSION else _SINCE_2_INSTANT
    zone = "(Z|[+\\-][0-9]{2}:[0-9]{2})"
    yield _restriction("Instant", "xs:dateTime", f'<xs:pattern value="{instant}{zone}"/>')
    yield _restriction("YesNo", "xs:boolean", "")
    bounds = f'<xs:minInclusive value="-{LARGEST_NUMBER}"/><xs:maxInclusive value="{LARGEST_NUMBER}"/>'
    yield _restriction("Number", "xs:integer", bounds)
    digits = f'<xs:totalDigits value="{DECIMAL_DIGITS}"/><xs:fractionDigits value="{DECIMAL_PLACES}"/>'
    yield _restriction("Decimal", "xs:decimal", digits)
    counted = '<xs:minInclusive value="1"/><xs:maxInclusive value="99999"/>'
    yield _restriction("Count", "xs:integer", counted)
    yield _restriction("Base", "xs:string", '<xs:pattern value="[0-9A-Z]{7}"/>')
    yield _restriction("Authority", "xs:string", '<xs:pattern value="[0-9A-Z]{3}"/>')
    yield _restriction("DataType", "xs:string", _enumeration(each.value for each in DataType))
    yield _restriction("RollState", "xs:string", _enumeration(layout.ROLL_STATES))
    yield _restriction("GroupName", "xs:string", _enumeration(group.element for group in GROUPS))
    yield '<xs:simpleType name="GroupNames"><xs:list itemType="GroupName"/></xs:simpleType>'
    yield '<xs:simpleType name="Cohort"><xs:list itemType="xs:token"/></xs:simpleType>'
    code = f'<xs:pattern value="[^\\s]{{1,{layout.LONGEST_CODE}}}"/>'
    yield _restriction("AttendanceCode", "xs:string", code)
    for length in sorted({_length(item) for group in GROUPS for item in group.items} | _KEY_LENGTHS):
        limits = f'<xs:minLength value="1"/><xs:maxLength value="{length}"/>'
        yield _restriction(f"Text{length}", "xs:string", limits)
    if version != layout.FIRST_VERSION:
        yield from _simple_types_since_2()


def _simple_types_since_2() -> Iterable[str]:
    kept = (*(group.element for group in GROUPS), layout.MARKS_NAME)
    yield _restriction("KeptName", "xs:string", _enumeration(kept))
    yield _restriction("Reason", "xs:string", '<xs:pattern value="[a-z][a-z0-9_.]{0,59}"/>')
    most = f'<xs:maxInclusive value="{LARGEST_NUMBER}"/>'
    yield _restriction("HowMany", "xs:nonNegativeInteger", most)
    yield '<xs:simpleType name="AttendanceCodes"><xs:list itemType="AttendanceCode"/></xs:simpleType>'


_SINCE_2_INSTANT = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?"

_KEY_LENGTHS = {longest for _, _, longest in layout.MATCH_KEYS} | {40}


def _length(item: DataItem) -> int:
    return item.max_length


def _restriction(name: str, parent: str, facets: str) -> str:
    inner = f'<xs:restriction base="{parent}">{facets}</xs:restriction>'
    return f'<xs:simpleType name="{name}">{inner}</xs:simpleType>'


def _enumeration(values: Iterable[str]) -> str:
    return "".join(f'<xs:enumeration value="{value}"/>' for value in values)


def _type_of(item: DataItem) -> str:
    return _NAMED_TYPES.get(item.type, f"Text{item.max_length}")


def _group_type(group: DataGroup, *, has_row_ids: bool) -> str:
    """A data group: its items once each at most, in declared order; of a list, any number of rows."""
    row_id = f'<xs:attribute name="Id" type="Text{layout.LONGEST_ROW_ID}"/>' if has_row_ids else ""
    lines = [f'\n<xs:complexType name="{group.element}Type">', "  <xs:sequence>"]
    if group.is_list:
        lines.append(f'    <xs:element name="{group.row_element}" minOccurs="0" maxOccurs="unbounded">')
        lines.append("      <xs:complexType><xs:sequence>")
    lines += [f"        {_element(item.element, _type_of(item), least=0)}" for item in group.items]
    if group.is_list:
        lines += [f"      </xs:sequence>{row_id}</xs:complexType>", "    </xs:element>"]
    return "\n".join([*lines, "  </xs:sequence>", "</xs:complexType>"])


def _message(version: str) -> Iterable[str]:
    is_first = version == layout.FIRST_VERSION
    header = [_element(name, kind, least=int(name != "SinceAt")) for name, _, kind in layout.HEADER]
    if not is_first:
        yield from _parts_since_2()
        header += [_element(name, kind, least=0) for name, _, kind in layout.HEADER_SINCE_2]
        header += [_element(layout.KEPT, "KeptType", least=0)]
        header += [_element(layout.MARKS_NAME, "AttendanceType", least=0), _EXTENSIONS]
    beside = () if is_first else (_EXTENSIONS,)
    yield "\n" + _sequence("HeaderType", *header)
    yield _complex("EntryType", _attribute("Id", "Text60", required=True), _attribute("State", "RollState"))
    yield _sequence(
        "RollType",
        _element("Entry", "EntryType", least=0, many=True),
        after=(
            _attribute("Cohort", "Cohort"),
            _attribute("Declared", "xs:nonNegativeInteger"),
            _attribute("Complete", "YesNo", required=True),
        ),
    )
    yield _complex("DeletedType", _attribute("Groups", "GroupNames", required=True))
    yield _complex(
        "DayType",
        _attribute("Date", "Day", required=True),
        _attribute("AM", "AttendanceCode"),
        _attribute("PM", "AttendanceCode"),
    )
    yield _sequence("MarksType", _element("Day", "DayType", least=0, many=True))
    yield _pupil_type(beside)
    yield _sequence("PupilsType", '<xs:element ref="Pupil" minOccurs="0" maxOccurs="unbounded"/>')
    yield _sequence(
        "MessageType",
        '<xs:element ref="Header"/>',
        '<xs:element ref="Roll"/>',
        _element("Pupils", "PupilsType"),
        *beside,
        after=(f'<xs:attribute name="Version" type="xs:string" use="required" fixed="{version}"/>',),
    )
    # Header, Roll and Pupil stand by themselves too, so that a reader can check each as it passes.
    for name, kind in ((layout.ROOT, "Message"), ("Header", "Header"), ("Roll", "Roll"), ("Pupil", "Pupil")):
        yield _element(name, f"{kind}Type")


def _parts_since_2() -> Iterable[str]:
    """What was kept back, which days of attendance are whole, and the place for anything else."""
    yield _complex("WhoType", _attribute("Id", "Text60", required=True))
    yield _sequence(
        "LeftOutType",
        _element("Who", "WhoType", least=0, many=True),
        after=(_attribute("Reason", "Reason", required=True), _attribute("Count", "HowMany", required=True)),
    )
    yield _sequence(
        "KeptGroupType",
        _element("LeftOut", "LeftOutType", least=0, many=True),
        after=(_attribute("Name", "KeptName", required=True), _attribute("Unchanged", "HowMany")),
    )
    yield _sequence("KeptType", _element("Group", "KeptGroupType", least=0, many=True))
    days = [_attribute(name, "Day", required=True) for name in ("From", "Until")]
    yield _complex("WindowType", *days, _attribute("Codes", "AttendanceCodes"))
    yield _sequence("AttendanceType", _element("Window", "WindowType", least=0, many=True))
    anything = '<xs:any namespace="##any" processContents="skip" minOccurs="0" maxOccurs="unbounded"/>'
    yield _sequence("ExtensionsType", anything).replace(">", ' mixed="true">', 1)


def _pupil_type(beside: tuple[str, ...]) -> str:
    keys = [
        _attribute(attribute, "Day" if attribute == "DOB" else f"Text{longest}", required=attribute == "Id")
        for attribute, _, longest in layout.MATCH_KEYS
    ]
    groups = [_element(group.element, f"{group.element}Type", least=0) for group in GROUPS]
    closing = (_element("Deleted", "DeletedType", least=0), _element("Marks", "MarksType", least=0))
    return _sequence("PupilType", *groups, *closing, *beside, after=tuple(keys))


def _element(name: str, kind: str, *, least: int = 1, many: bool = False) -> str:
    occurs = ("" if least else ' minOccurs="0"') + (' maxOccurs="unbounded"' if many else "")
    return f'<xs:element name="{name}" type="{kind}"{occurs}/>'


def _attribute(name: str, kind: str, *, required: bool = False) -> str:
    return f'<xs:attribute name="{name}" type="{kind}"' + (' use="required"/>' if required else "/>")


def _sequence(name: str, *elements: str, after: tuple[str, ...] = ()) -> str:
    inner = "".join(f"\n    {each}" for each in elements)
    return _complex(name, f"<xs:sequence>{inner}\n  </xs:sequence>", *after)


def _complex(name: str, *parts: str) -> str:
    inner = "".join(f"\n  {each}" for each in parts)
    return f'\n<xs:complexType name="{name}">{inner}\n</xs:complexType>'


_EXTENSIONS = _element(layout.EXTENSIONS, "ExtensionsType", least=0)


if __name__ == "__main__":
    main()
