"""Who belongs to a run's cohort: the years, who is looked after, and leavers by the handbook's rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date

from schoolgate.collecting.belonging import belongs
from schoolgate.collecting.reading import ReadDomain
from schoolgate.collecting.roll import UNASKED, Year
from schoolgate.collecting.sieve import Sieve
from schoolgate.connectors.port import OnRoll, Reading, Source
from schoolgate.pupils.queries import existing_blocks
from schoolgate.tasks.cohorts import Cohort
from schoolgate_message.blocks import InvalidValueError, canonical
from schoolgate_message.groups import BY_NAME
from schoolgate_message.roll_states import LEAVER

LOOKED_AFTER = BY_NAME["looked_after"]
ENROLMENTS = BY_NAME["enrolments"]
Read = Callable[[Reading], ReadDomain]


class CohortFilter:
    """Judges the pupils of a roll; what it needs to know of them is read once, and only if it is needed."""

    def __init__(
        self,
        cohort: Cohort,
        *,
        sent_before: Collection[str],
        source: Source,
        sieve: Sieve,
        base_id: int,
        read: Read,
        today: date,
    ) -> None:
        """``read`` reads a domain whole; ``today`` is what leavers' months are counted back from.

        ``sent_before`` are the external ids of whom something came before, landed or not.
        """
        self.cohort = cohort
        self._sent_before = sent_before
        self._source = source
        self._sieve = sieve
        self._base_id = base_id
        self._today = today
        self._names: Mapping[str, str] = source.nc_year_names() if cohort.nc_years else {}
        self._looked_after = (
            self._read_looked_after(read) if cohort.is_looked_after_only else frozenset[str]()
        )
        self._left_on = self._read_leaving_dates() if cohort.is_leavers else {}
        self._held_looked_after = self._held_in_care() if cohort.is_looked_after_only else frozenset[str]()

    def __call__(self, entry: OnRoll) -> bool:
        """Whether a pupil of the roll belongs to the cohort."""
        key = entry.external_id
        return belongs(
            self.cohort,
            nc_year=self._source.nc_year(entry, self._names) if self.cohort.nc_years else "",
            state=entry.state,
            was_sent_before=key in self._sent_before,
            has_leaving_landed=key in self._left_on,
            left_on=self._left_on.get(key),
            is_looked_after=key in self._looked_after
            or (entry.state == LEAVER and key in self._held_looked_after),
            today=self._today,
        )

    def year_of(self, entry: OnRoll) -> Year:
        """A pupil's year group, where the cohort asks for years."""
        if not self.cohort.nc_years:
            return UNASKED
        return Year(
            nc_year=self._source.nc_year(entry, self._names),
            said=self._names.get(entry.year_group_id) or entry.year_group,
        )

    def _read_looked_after(self, read: Read) -> frozenset[str]:
        """Who is in care now, as the source says it."""
        found: set[str] = set()
        for domain in self._source.domains:
            if LOOKED_AFTER.name not in domain.groups:
                continue
            whole = self._source.whole(domain.name)
            rows = read(replace(whole, key=f"{whole.key} for the cohort", signature=""))
            try:
                for _, page in rows.rows():
                    for row in page:
                        contents = self._source.contents(domain.name, [row.raw])
                        if not row.is_removed and _is_in_care(contents.get(LOOKED_AFTER.name)):
                            found.add(row.pupil)
            finally:
                rows.close()
        return frozenset(found)

    def _held_in_care(self) -> frozenset[str]:
        """Leavers who were in care when last landed: the source says no more of them."""
        ids = {key: each.pupil_id for key, each in self._sieve.known.items()}
        held = existing_blocks(LOOKED_AFTER, list(ids.values()), self._base_id)
        return frozenset(key for key, pupil_id in ids.items() if _is_in_care(held.get(pupil_id)))

    def _read_leaving_dates(self) -> dict[str, date]:
        """When leavers left this base, as their leaving details landed."""
        ids = {key: each.pupil_id for key, each in self._sieve.known.items() if each.roll_state == LEAVER}
        held = existing_blocks(ENROLMENTS, list(ids.values()), self._base_id)
        found: dict[str, date] = {}
        for key, pupil_id in ids.items():
            rows = held.get(pupil_id)
            dates = (
                [str(row["leaving_on"]) for row in rows if row.get("leaving_on")]
                if isinstance(rows, list)
                else []
            )
            if dates:
                found[key] = date.fromisoformat(max(dates)[:10])
        return found


def _is_in_care(content: object) -> bool:
    if not isinstance(content, dict):
        return False
    try:
        settled = canonical(LOOKED_AFTER, content)
    except InvalidValueError:
        return False
    return isinstance(settled, dict) and settled.get("in_care") in {True, "true"}
