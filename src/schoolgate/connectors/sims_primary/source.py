"""A base's SIMS Primary as the server's port asks for it: readings, rows, contents, marks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urljoin

import msgspec
from msgspec import structs

from schoolgate.connectors import odd_json
from schoolgate.connectors.port import (
    NO_CODE,
    Domain,
    Habits,
    MarkRow,
    OnRoll,
    Reading,
    SchoolCode,
    SchoolSession,
    SourceRow,
    Unpacked,
)
from schoolgate.connectors.sims_primary import mapping as mappings
from schoolgate.connectors.sims_primary.choosing import in_order
from schoolgate.connectors.sims_primary.client import SimsPrimaryClient, place_of
from schoolgate.connectors.sims_primary.envelopes import envelopes_for
from schoolgate.connectors.sims_primary.mapping import DomainMap, RollMap, SourceMapping, path_getter
from schoolgate.connectors.sims_primary.problems import SimsPrimaryProblem
from schoolgate.connectors.sims_primary.vocabulary import as_told, folded, nc_year_of
from schoolgate_message.days import written_day
from schoolgate_message.groups import BY_NAME
from schoolgate_message.ids import usable_id

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

Fields = dict[str, object]


class SimsPrimarySource:
    """Reads one base. It calls the source only in ``read_page`` and where a method says so."""

    def __init__(self, *, client: SimsPrimaryClient, mapping: SourceMapping) -> None:
        """``mapping`` is the shipped one with the officers' overrides."""
        self._client = client
        self._settings = client.settings
        self._mapping = mapping
        self._envelopes = envelopes_for(client.settings)
        self.fingerprint = hashlib.blake2b(
            f"{mappings.fingerprint(mapping)} {client.settings} {client.base}".encode(), digest_size=6
        ).hexdigest()
        self.domains: Sequence[Domain] = mappings.domains_of(mapping)
        self._recipes = mappings.recipes_of(mapping)
        self._words = mappings.vocabularies_of(mapping)
        self._unsure: list[tuple[str, str]] = []
        self._keys_domain = next(each.name for each in self.domains if "identifiers" in each.groups)

    @property
    def calls(self) -> int:
        """How many calls were made so far."""
        return self._client.calls

    @property
    def met(self) -> Sequence[tuple[str, str]]:
        """Problems that were overcome within a call, as code and detail."""
        return self._client.met

    @property
    def unsure(self) -> Sequence[tuple[str, str]]:
        """Small lists for which nobody vouches: where, and why."""
        return self._unsure

    @property
    def clock_offset(self) -> timedelta:
        """The API's clock minus ours, as its first answer told it."""
        return self._client.clock_offset

    @property
    def keys_domain(self) -> str:
        """The domain whose rows hold the match keys."""
        return self._keys_domain

    @property
    def habits(self) -> Habits:
        """Its settings, as those who read it need to know them."""
        return self._settings

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    # Readings

    def roll(self) -> Reading:
        """The roll, whole."""
        roll = self._mapping.roll
        fields = (roll.row, roll.state, roll.year_group.partition("/")[0])
        return replace(self._reading(roll.domain, roll, select=fields), must_have_rows=True)

    def whole(self, domain: str) -> Reading:
        """A domain, whole."""
        found = self._mapping.domains[domain]
        return self._reading(domain, found, select=self._select(found))

    def changes(self, domain: str, since_at: datetime) -> Reading:
        """What changed in a domain: for each pupil concerned, all the pupil's rows."""
        return self._changes(domain, self._mapping.domains[domain], since_at)

    def of_pupil(self, domain: str, external_id: str) -> Reading:
        """One pupil's rows of a domain."""
        _check_id(domain, external_id)
        found = self._mapping.domains[domain]
        link = self._link(
            found, domain, select=self._select(found), filtered=f"{found.pupil} eq {external_id}"
        )
        return Reading(key=f"{domain} of {external_id}", domain=domain, first_link=link)

    def changed_marks(self, since_at: datetime) -> Reading:
        """The marks changed since, removed ones included."""
        attendance = self._mapping.attendance
        return self._changes(attendance.domain, attendance, since_at)

    def marks_of(self, external_id: str, from_at: datetime, until_at: datetime) -> Reading:
        """One pupil's marks as they stand, of a window of at most ``session_window_days``."""
        attendance, start = self._mapping.attendance, self._mapping.sessions.start
        _check_id(attendance.domain, external_id)
        wanted = self._settings.marks_filter.format(
            pupil=attendance.pupil,
            external_id=external_id,
            start=start,
            from_at=_instant(from_at),
            until_at=_instant(until_at),
        )
        return Reading(
            key=f"{attendance.domain} of {external_id} from {_instant(from_at)}",
            domain=attendance.domain,
            first_link=self._link(attendance, attendance.domain, filtered=wanted),
        )

    def _reading(self, domain: str, found: DomainMap | RollMap, *, select: Sequence[str]) -> Reading:
        return Reading(
            key=domain,
            domain=domain,
            first_link=self._link(found, domain, select=select),
            signature=f"{domain} {self.fingerprint}",
        )

    def _changes(self, domain: str, found: Any, since_at: datetime) -> Reading:
        start = since_at.astimezone(UTC).strftime(self._settings.start_date_format)
        call = self._settings.changes_call.format(start=start)
        link = self._link(found, f"{domain}/{quote(call, safe='/()=:')}")
        return Reading(key=f"{domain} changes since {start}", domain=domain, first_link=link)

    def _select(self, found: DomainMap) -> Sequence[str]:
        return mappings.selected_fields(found) if found.select else ()

    def _link(self, found: Any, path: str, *, select: Sequence[str] = (), filtered: str = "") -> str:
        options = []
        if select and self._settings.uses_select:
            options.append("$select=" + ",".join(select))
        if filtered:
            options.append("$filter=" + quote(filtered, safe="/:-"))
        if self._settings.asks_for_count:
            options.append("$count=true")
        query = "?" + "&".join(options) if options else ""
        return f"{self._client.base}{found.service}/{found.version}/{path}{query}"

    # Pages

    def read_page(self, link: str) -> bytes:
        """The bytes of one page (one call)."""
        return self._client.get(link)

    def next_link(self, body: bytes, *, link: str) -> str | None:
        """The continuation of a page known to be good."""
        return self._resolved(self._envelopes.next_link(body), link)

    def unpack(self, body: bytes, *, domain: str, link: str) -> Unpacked:
        """A page parsed as a whole, its rows left as bytes. Raises SourceProblem for a bad page."""
        pupil, row = self._identity(domain)
        found = self._envelopes.unpack(body, domain=domain, pupil=pupil, row=row)
        return structs.replace(found, next_link=self._resolved(found.next_link, link))

    def _resolved(self, following: str | None, link: str) -> str | None:
        """A continuation as a whole address: some are told from where the page is."""
        if following is None:
            return None
        try:
            whole = urljoin(link, following)
        except ValueError as error:
            raise SimsPrimaryProblem("source.foreign_link", detail="the link is no address") from error
        self._client.check_link(whole)
        return whole

    def _identity(self, domain: str) -> tuple[str, str]:
        mapping = self._mapping
        if domain == mapping.attendance.domain:
            return mapping.attendance.pupil, mapping.attendance.row
        found = mapping.roll if domain == mapping.roll.domain else mapping.domains[domain]
        return found.pupil, found.row

    # The roll

    def roll_entry(self, row: SourceRow) -> OnRoll:
        """One row of the roll. A state that is no known word is none, and says so."""
        roll = self._mapping.roll
        fields = _decoded(row.raw)
        said = path_getter(roll.state)(fields)
        state = self._words["roll_state"].meaning(said)
        return OnRoll(
            external_id=row.pupil,
            state=state,
            year_group_id=_id(path_getter(f"{roll.year_group}/ExternalID")(fields)),
            year_group=as_told(path_getter(f"{roll.year_group}/Description")(fields)),
            said="" if state else as_told(said),
        )

    def nc_year_names(self) -> Mapping[str, str]:
        """The short name ("N1", "Y5") of every year group, by its id (one call or more)."""
        groups = self._mapping.year_groups
        found = {}
        for row in self._all_rows(self._link(groups, groups.domain)):
            if folded(_text(row.get(groups.type_field))) == folded(groups.type):
                found[_id(row.get("ExternalID"))] = as_told(row.get(groups.short_name))
        return MappingProxyType(found)

    def nc_year(self, entry: OnRoll, names: Mapping[str, str]) -> str:
        """The National Curriculum Year of a pupil on the roll; empty where the source says none we know."""
        years = self._words["nc_year"]
        by_name = nc_year_of(names.get(entry.year_group_id, ""), years)
        return by_name or nc_year_of(entry.year_group, years)

    # Contents

    def contents(self, domain: str, rows: Sequence[msgspec.Raw]) -> dict[str, Fields | list[Fields]]:
        """One pupil's rows as content of data groups, not yet canonical.

        A list gets all rows, one record the row that speaks (see ``choosing``).
        """
        decoded = [_decoded(row) for row in rows]
        found: dict[str, Fields | list[Fields]] = {}
        for group in self._mapping.domains[domain].groups:
            recipe = self._recipes[domain, group]
            # A row that says nothing of a group still makes a block: what it lacks was taken out.
            if BY_NAME[group].is_list:
                found[group] = [record for row in decoded if (record := recipe.record(row))]
            else:
                found[group] = recipe.record(in_order(decoded, self._settings)[0])
        return found

    # Attendance

    def mark(self, row: SourceRow) -> MarkRow:
        """One mark as references; a removed one has no code."""
        attendance = self._mapping.attendance
        fields = _decoded(row.raw)
        code = "" if row.is_removed else _id(path_getter(attendance.code)(fields)) or NO_CODE
        return MarkRow(
            external_id=row.pupil,
            session_id=_id(path_getter(attendance.session)(fields)),
            code_id=code,
        )

    def sessions(self, from_at: datetime, until_at: datetime) -> Mapping[str, SchoolSession]:
        """The school sessions of a window of at most ``session_window_days``, by id (one call or more)."""
        found = {}
        sessions, names = self._mapping.sessions, self._words["session"]
        limits = f"{sessions.start} ge {_instant(from_at)} and {sessions.start} lt {_instant(until_at)}"
        for row in self._all_rows(self._link(sessions, sessions.domain, filtered=limits)):
            said = row.get(sessions.name)
            found[_id(row.get(sessions.row))] = SchoolSession(
                on=_day(row.get(sessions.start)), name=names.meaning(said), said=as_told(said)
            )
        return found

    def attendance_codes(self) -> Mapping[str, SchoolCode]:
        """Every code of the school, by following the reference to the statutory one (two calls or more).

        A code means what it refers to and nothing else: never the school's own code, whole or its first
        letter. X01 means X only because it refers to it.
        """
        lookup = self._mapping.attendance_codes
        statutory = {
            _id(row.get("ExternalID")): _text(row.get(lookup.code))
            for row in self._all_rows(f"{self._client.base}{lookup.statutory_path}")
        }
        found = {}
        for row in self._all_rows(f"{self._client.base}{lookup.path}"):
            reference = row.get(lookup.statutory)
            target = reference if isinstance(reference, dict) else {}
            found[_id(row.get("ExternalID"))] = SchoolCode(
                said=as_told(row.get(lookup.code)),
                statutory=statutory.get(_id(target.get("ExternalID"))) or as_told(target.get("Description")),
            )
        return found

    def _all_rows(self, link: str) -> list[dict[str, Any]]:
        """Every row of a small list, following its continuations."""
        rows: list[dict[str, Any]] = []
        following: str | None = link
        seen = set()
        while following is not None:
            if following in seen:
                raise SimsPrimaryProblem("source.rows_repeated", detail="a continuation leads back")
            seen.add(following)
            page = self._envelopes.plain_page(self._client.get(following))
            self._unsure += [(place_of(link), doubt) for doubt in page.doubts]
            following = self._resolved(page.next_link, following)
            rows += page.rows
        return rows


def _check_id(domain: str, external_id: str) -> None:
    if not _GUID.fullmatch(external_id):
        raise SimsPrimaryProblem("source.unexpected_row", detail=f"{domain}: an id that is not a GUID")


def _decoded(raw: msgspec.Raw) -> dict[str, Any]:
    found = odd_json.decoded(raw)
    if not isinstance(found, dict):
        raise SimsPrimaryProblem("source.unexpected_row", detail="a row that is not an object")
    return found


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _id(value: object) -> str:
    is_id = isinstance(value, str | int) and not isinstance(value, bool)
    return usable_id(str(value)) if is_id else ""


def _day(value: object) -> date | None:
    """The day of an instant, none for what is no instant."""
    try:
        day = written_day(_text(value))
    except ValueError:
        return None
    return None if day is None else date.fromisoformat(day)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
