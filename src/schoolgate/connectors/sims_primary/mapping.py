"""The mapping of SIMS Primary's fields onto our data items: read, checked, overridden, made fast.

The shipped mapping is ``mapping.toml``. It is checked against the declared data groups when loaded,
so that an item that no longer exists, or a group fed by two domains, is refused at once.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import msgspec

from schoolgate.connectors.errors import MappingError
from schoolgate.connectors.port import Domain, FieldOverride
from schoolgate.connectors.sims_primary.vocabulary import Vocabulary
from schoolgate.lib.convert import converter
from schoolgate_message.groups import BY_NAME

MAPPINGS_KEPT = 8
"""So many mappings a process keeps, with what was worked out of them."""

Getter = Callable[[Mapping[str, Any]], object]


class FieldMap(msgspec.Struct, frozen=True, kw_only=True):
    """Where one data item comes from; paths are written with ``/``, positions count from 1."""

    field: str = ""
    words: str = ""
    position: int = 0
    constant: str = ""
    status: str = ""


class DomainMap(msgspec.Struct, frozen=True, kw_only=True):
    """One domain: its address, whose a row is, and the items of each data group it feeds."""

    service: str
    version: str
    status: str
    pupil: str
    row: str
    groups: dict[str, dict[str, str | FieldMap]]
    select: bool = False
    changes: bool = False


class RollMap(msgspec.Struct, frozen=True, kw_only=True):
    """Where the roll is read."""

    service: str
    version: str
    domain: str
    status: str
    pupil: str
    row: str
    state: str
    year_group: str


class YearGroupsMap(msgspec.Struct, frozen=True, kw_only=True):
    """Where year groups have their short names."""

    service: str
    version: str
    domain: str
    status: str
    type_field: str
    type: str
    short_name: str


class AttendanceMap(msgspec.Struct, frozen=True, kw_only=True):
    """Where marks are read, as references to pupils, school sessions and codes."""

    service: str
    version: str
    domain: str
    status: str
    pupil: str
    row: str
    session: str
    code: str


class SessionsMap(msgspec.Struct, frozen=True, kw_only=True):
    """Where school sessions have their day and name."""

    service: str
    version: str
    domain: str
    status: str
    row: str
    start: str
    name: str


class AttendanceCodesMap(msgspec.Struct, frozen=True, kw_only=True):
    """Where a school's codes and the statutory ones are looked up."""

    path: str
    statutory_path: str
    status: str
    code: str
    statutory: str


class SourceMapping(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The whole mapping. Each stands for itself, so that what is worked out of one is kept beside it."""

    version: int
    words: dict[str, dict[str, str]]
    roll: RollMap
    year_groups: YearGroupsMap
    attendance: AttendanceMap
    sessions: SessionsMap
    attendance_codes: AttendanceCodesMap
    domains: dict[str, DomainMap]


_mapping_from = converter(SourceMapping)


@cache
def shipped_mapping() -> SourceMapping:
    """The mapping that comes with Schoolgate."""
    text = files("schoolgate.connectors.sims_primary").joinpath("mapping.toml").read_text(encoding="utf-8")
    return read_mapping(text)


def read_mapping(text: str) -> SourceMapping:
    """Read and check a mapping written as TOML."""
    try:
        mapping = _mapping_from(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise MappingError(f"the mapping can't be read: {error}") from error
    _check(mapping)
    return mapping


@lru_cache(maxsize=MAPPINGS_KEPT)
def overridden(overrides: tuple[FieldOverride, ...]) -> SourceMapping:
    """The shipped mapping with an officer's corrections, the same one for the same corrections."""
    return with_overrides(shipped_mapping(), overrides)


def with_overrides(mapping: SourceMapping, overrides: Iterable[FieldOverride]) -> SourceMapping:
    """The mapping with an officer's corrections; one that names nothing we know is refused."""
    domains = {name: _copied(domain) for name, domain in mapping.domains.items()}
    for each in overrides:
        if each.domain not in domains or each.group not in domains[each.domain].groups:
            raise MappingError(f"{each.domain} does not feed {each.group}")
        fields = domains[each.domain].groups[each.group]
        if not each.field and not each.constant:
            fields.pop(each.item, None)
            continue
        fields[each.item] = FieldMap(
            field=each.field,
            words=each.words,
            position=each.position,
            constant=each.constant,
            status="assumed",
        )
    changed = msgspec.structs.replace(mapping, domains=domains)
    _check(changed)
    return changed


@lru_cache(maxsize=MAPPINGS_KEPT)
def fingerprint(mapping: SourceMapping) -> str:
    """Twelve characters that change when the mapping does."""
    return hashlib.blake2b(msgspec.json.encode(mapping, order="sorted"), digest_size=6).hexdigest()


@lru_cache(maxsize=MAPPINGS_KEPT)
def domains_of(mapping: SourceMapping) -> tuple[Domain, ...]:
    """The domains that feed data groups."""
    return tuple(
        Domain(name=name, groups=tuple(each.groups), may_have_changes=each.changes)
        for name, each in mapping.domains.items()
    )


@lru_cache(maxsize=MAPPINGS_KEPT)
def vocabularies_of(mapping: SourceMapping) -> Mapping[str, Vocabulary]:
    """The tables of words, ready to be asked."""
    return {name: Vocabulary(words) for name, words in mapping.words.items()}


@lru_cache(maxsize=MAPPINGS_KEPT)
def recipes_of(mapping: SourceMapping) -> Mapping[tuple[str, str], Recipe]:
    """A recipe for every domain and data group."""
    return {
        (name, group): Recipe(mapping, name, group)
        for name, each in mapping.domains.items()
        for group in each.groups
    }


def selected_fields(domain: DomainMap) -> tuple[str, ...]:
    """The top-level fields a domain's mapping needs, for ``$select``."""
    needed = [_top(domain.row), _top(domain.pupil)]
    for fields in domain.groups.values():
        needed += [_top(field_map(each).field) for each in fields.values() if field_map(each).field]
    return tuple(dict.fromkeys(needed))


def field_map(given: str | FieldMap) -> FieldMap:
    """A field as written in short, in full."""
    return FieldMap(field=given) if isinstance(given, str) else given


class Recipe:
    """How a row becomes a record of one data group: compiled once, used for every row of a county."""

    def __init__(self, mapping: SourceMapping, domain: str, group: str) -> None:
        """Items that are a field as it stands are kept apart from those that must be worked out."""
        fields = {item: field_map(each) for item, each in mapping.domains[domain].groups[group].items()}
        plain = {
            item for item, each in fields.items() if each == FieldMap(field=each.field, status=each.status)
        }
        self._direct = tuple(
            (item, fields[item].field) for item in fields if item in plain and "/" not in fields[item].field
        )
        direct = {item for item, _ in self._direct}
        self._computed = tuple(
            (item, _getter(mapping, each)) for item, each in fields.items() if item not in direct
        )

    def record(self, row: Mapping[str, Any]) -> dict[str, object]:
        """The items of which the row says something."""
        get = row.get
        found: dict[str, object] = {
            item: value for item, field in self._direct if (value := get(field)) is not None and value != ""
        }
        for item, getter in self._computed:
            value = getter(row)
            if value is not None and value != "":
                found[item] = value
        return found


def path_getter(path: str) -> Getter:
    """A function that follows a path; what is not there is ``None``."""
    first, *rest = path.split("/")
    if not rest:
        return lambda row: row.get(first)

    def follow(row: Mapping[str, Any]) -> object:
        found: Any = row.get(first)
        for step in rest:
            if not isinstance(found, dict):
                return None
            found = found.get(step)
        return found

    return follow


def _getter(mapping: SourceMapping, field: FieldMap) -> Getter:
    if field.constant:
        return lambda _row: field.constant
    found = path_getter(field.field)
    if field.position:
        found = _at(found, field.position - 1)
    if field.words:
        found = _in_words(found, mapping.words[field.words])
    return found


def _at(found: Getter, index: int) -> Getter:
    def pick(row: Mapping[str, Any]) -> object:
        values = found(row)
        return values[index] if isinstance(values, list) and len(values) > index else None

    return pick


def _in_words(found: Getter, words: Mapping[str, str]) -> Getter:
    vocabulary = Vocabulary(words)

    def translate(row: Mapping[str, Any]) -> object:
        value = found(row)
        # A word we do not know goes on as it is, and is refused where code sets are checked.
        return vocabulary.meaning(value) or value

    return translate


def _copied(domain: DomainMap) -> DomainMap:
    return msgspec.structs.replace(
        domain, groups={name: dict(items) for name, items in domain.groups.items()}
    )


def _top(path: str) -> str:
    return path.split("/", 1)[0]


def _check(mapping: SourceMapping) -> None:
    fed: dict[str, str] = {}
    for name, domain in mapping.domains.items():
        for group, fields in domain.groups.items():
            if group not in BY_NAME:
                raise MappingError(f"{name}: {group} is not a data group")
            if fed.setdefault(group, name) != name:
                raise MappingError(f"{group} is fed by {fed[group]} and by {name}")
            _check_fields(mapping, f"{name}, {group}", BY_NAME[group].item_names, fields)


def _check_fields(
    mapping: SourceMapping, where: str, items: Sequence[str], fields: Mapping[str, str | FieldMap]
) -> None:
    for item, given in fields.items():
        field = field_map(given)
        if item not in items:
            raise MappingError(f"{where}: {item} is not a data item of the group")
        if not field.field and not field.constant:
            raise MappingError(f"{where}: {item} has neither a field nor a constant")
        if field.words and field.words not in mapping.words:
            raise MappingError(f"{where}: {item} names the words {field.words}, which are not there")
        if field.position < 0:
            raise MappingError(f"{where}: {item} has a position below 1")
