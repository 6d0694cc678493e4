"""Invented pupils as the pages of a SIMS Primary that is already in memory, and a client that gives them.

The rows are put together by reading the connector's own mapping backwards, so that whatever the mapping
says, the connector reads back what was made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

import msgspec
from bench.made_school import MadePupil

from schoolgate.connectors.sims_primary.client import SimsPrimaryClient
from schoolgate.connectors.sims_primary.mapping import FieldMap, SourceMapping, field_map, shipped_mapping

ROWS_A_PAGE = 1000
API_URL = "http://127.0.0.1:9/ssli01"
_SPACE = UUID("6f0c1f6e-0d1f-4a53-9d8c-5c2b0c0de820")
_SKIP = re.compile(r"[?&]\$skip=(\d+)")

Fields = dict[str, Any]


class MemoryClient(SimsPrimaryClient):
    """The connector's client with the network left out: a link is answered from ``pages``."""

    pages: dict[str, list[bytes]] = {}

    def get(self, link: str) -> bytes:
        self.check_link(link)
        self.calls += 1
        domain = urlsplit(link).path.rsplit("/", 1)[1]
        skipped = _SKIP.search(link)
        return self.pages[domain][int(skipped[1]) // ROWS_A_PAGE if skipped else 0]


def pages_of(pupils: Sequence[MadePupil]) -> dict[str, list[bytes]]:
    """Every page of every domain of a school, by domain."""
    mapping = shipped_mapping()
    made = {name: _paged(_rows(mapping, name, pupils), f"Learner/V3/{name}") for name in mapping.domains}
    made[mapping.roll.domain] = _paged(_roll(pupils), f"Learner/V3/{mapping.roll.domain}")
    made[mapping.year_groups.domain] = _paged(_year_groups(pupils), "Learner/V3/LearnerGroups")
    return made


def size_of(pages: dict[str, list[bytes]]) -> int:
    """All bytes of all pages."""
    return sum(len(page) for each in pages.values() for page in each)


def _rows(mapping: SourceMapping, domain: str, pupils: Iterable[MadePupil]) -> Iterator[Fields]:
    found = mapping.domains[domain]
    is_own = found.pupil == found.row
    for pupil in pupils:
        whole: Fields = {}
        for group, fields in found.groups.items():
            content = pupil.blocks.get(group)
            if content is None:
                continue
            if isinstance(content, dict):
                for item, value in content.items():
                    _put(mapping, whole, field_map(fields[item]), value)
                continue
            for place, row in enumerate(content):
                made: Fields = {"ExternalID": str(uuid5(_SPACE, f"{pupil.keys.external_id} {group} {place}"))}
                made["Learner"] = {"ExternalID": pupil.keys.external_id}
                for item, value in row.items():
                    _put(mapping, made, field_map(fields[item]), value)
                yield made
        if whole:
            if is_own:
                yield {"ExternalID": pupil.keys.external_id, **whole}
            else:
                own = str(uuid5(_SPACE, f"{pupil.keys.external_id} {domain}"))
                yield {"ExternalID": own, "Learner": {"ExternalID": pupil.keys.external_id}, **whole}


def _put(mapping: SourceMapping, row: Fields, field: FieldMap, value: object) -> None:
    if field.words:
        value = next((word for word, code in mapping.words[field.words].items() if code == value), value)
    *path, last = field.field.split("/")
    for step in path:
        row = row.setdefault(step, {})
    if field.position:
        row.setdefault(last, []).append(value)
    else:
        row[last] = value


def _roll(pupils: Iterable[MadePupil]) -> Iterator[Fields]:
    for pupil in pupils:
        yield {
            "ExternalID": pupil.keys.external_id,
            "OnRollState": "Current",
            "CurrentYearGroup": {
                "ExternalID": _year_id(pupil.nc_year),
                "Description": f"Year {pupil.nc_year}",
            },
        }


def _year_groups(pupils: Iterable[MadePupil]) -> Iterator[Fields]:
    for year in sorted({pupil.nc_year for pupil in pupils}):
        yield {"ExternalID": _year_id(year), "GroupType": "YearGroup", "ShortName": year}


def _year_id(year: str) -> str:
    return str(uuid5(_SPACE, f"year {year}"))


def _paged(rows: Iterable[Fields], path: str) -> list[bytes]:
    every = list(rows)
    pages = []
    for start in range(0, max(len(every), 1), ROWS_A_PAGE):
        envelope: Fields = {
            "@odata.context": f"https://elsewhere.example/ThirdParty/$metadata#{path}",
            "@odata.count": len(every),
            "value": every[start : start + ROWS_A_PAGE],
        }
        if start + ROWS_A_PAGE < len(every):
            envelope["@odata.nextLink"] = f"{API_URL}/{path}?$count=true&$skip={start + ROWS_A_PAGE}"
        pages.append(msgspec.json.encode(envelope))
    return pages
