"""A pupil's changes as a page shows them: where each came from, and what of its block did not land."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from schoolgate.accounts.rights import Person
from schoolgate.bases.access import Base
from schoolgate.console.changes import Change, changed_items
from schoolgate.console.pupils.record import Source, source_of
from schoolgate.console.runs.items import ItemLine, item_lines
from schoolgate.pupils.access import RecordChange
from schoolgate.runs.access import Run, items_of_pupil_for

WRITTEN = "written"


def with_sources(
    rows: Collection[RecordChange], *, bases: Mapping[int, Base], runs: Mapping[int, Run]
) -> list[tuple[Change, Source]]:
    """Each change, spelled out, with who sent it and when."""
    return [
        (
            change,
            source_of(
                base_id=change.row.base_id,
                run_id=change.row.run_id,
                at=change.row.at,
                bases=bases,
                runs=runs,
            ),
        )
        for change in changed_items(rows)
    ]


def not_written(
    user: Person, pupil_id: int, rows: Collection[RecordChange]
) -> dict[tuple[int | None, str], list[ItemLine]]:
    """By run and data group of these changes: the items of the same block that were not written, and why."""
    found: dict[tuple[int | None, str], list[ItemLine]] = defaultdict(list)
    items = items_of_pupil_for(user, pupil_id, (row.run_id for row in rows)).exclude(fate=WRITTEN)
    kept = list(items)
    for row, line in zip(kept, item_lines(kept), strict=True):
        found[row.run_id, row.group].append(line)
    return dict(found)
