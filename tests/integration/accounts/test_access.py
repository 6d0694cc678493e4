"""Every function of every room's ``access``: who gets the row, and who gets the same as for a wrong id.

Each stands in one of three tables. Of those about a base it is asked that a permitted person gets the row, that
somebody who holds the right and looks after another base gets exactly what a wrong id gets, and that somebody
without the right gets nothing of either. What is of the whole authority is asked for by right alone.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import Http404
from tests import cast
from tests.architecture.source import CHECKOUT
from tests.two_bases import NOWHERE, YEAR, Side, TwoBases, build, nowhere
from tests.waiting import SOURCE

from schoolgate.accounts.models import User
from schoolgate.attendance import access as attendance
from schoolgate.bases import access as bases
from schoolgate.blocks import access as blocks
from schoolgate.collecting import access as collecting
from schoolgate.collecting.models import MappingOverride, SourceLimit, SourceSetting, SourceTurn
from schoolgate.files import access as files
from schoolgate.holding import access as holding
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.holding.refusals import HeldRefusedError
from schoolgate.matching import access as matching
from schoolgate.pupils import access as pupils
from schoolgate.pupils.access import NoSuchPupilError
from schoolgate.runs import access as runs
from schoolgate.runs.task_log import LogFilters
from schoolgate.scheduling import access as scheduling
from schoolgate.scheduling.models import WorkerProcess
from schoolgate.tasks import access as tasks
from schoolgate.tasks.refusals import RefusedError
from schoolgate_message.groups import BY_NAME

pytestmark = pytest.mark.django_db

SINCE = cast.NOW - timedelta(days=30)
DAYS = {"from_on": cast.TODAY, "until_on": cast.TODAY + timedelta(days=14)}
LATE = timedelta(minutes=60)
EVERY_LINE = LogFilters()
MARKED = date(YEAR, 10, 8)
CLEARING: dict[str, Any] = {"groups": None, "before": None}

OF_ONE: dict[Callable[..., Any], Callable[[User, Side], Any]] = {
    attendance.years_for: lambda user, of: attendance.years_for(user, of.pupil_id),
    attendance.year_for: lambda user, of: attendance.year_for(user, of.pupil_id, of.base.pk, YEAR),
    attendance.marks_on_for: lambda user, of: attendance.marks_on_for(
        user, {of.pupil_id: [MARKED]}, base_id=of.base.pk
    ),
    bases.base_for: lambda user, of: bases.base_for(user, of.base.pk),
    bases.bases_by_id_for: lambda user, of: bases.bases_by_id_for(user, [of.base.pk, None]),
    blocks.cost_of_clearing_for: lambda user, of: blocks.cost_of_clearing_for(
        user, base_ids=[of.base.pk], **CLEARING
    ).blocks,
    blocks.open_points_of_pupil_for: lambda user, of: list(blocks.open_points_of_pupil_for(user, of.pupil_id)),
    blocks.to_clear_for: lambda user, of: blocks.to_clear_for(user, [of.base.pk]),
    files.body_for: lambda user, of: files.body_for(user, of.file),
    files.file_for: lambda user, of: files.file_for(user, of.file.pk),
    files.files_for: lambda user, of: list(files.files_for(user, of.run.pk)),
    holding.check_sight_for: lambda user, of: holding.check_sight_for(
        user, [HeldItem(pupil_id=of.pupil_id)]
    ) or "may",
    holding.counts_for: lambda user, of: any(holding.counts_for(user, of.entry)),
    holding.entries_by_cause_for: lambda user, of: holding.entries_by_cause_for(
        user, of.base.pk, [of.entry.code], at=cast.NOW
    ),
    holding.entries_of_pupil_for: lambda user, of: holding.entries_of_pupil_for(user, of.pupil_id),
    holding.entry_for: lambda user, of: holding.entry_for(user, of.entry.pk),
    holding.items_for: lambda user, of: holding.items_for(user, of.entry, [of.external_id]),
    holding.pupils_for: lambda user, of: list(holding.pupils_for(user, of.entry)),
    holding.waiting_for: lambda user, of: holding.waiting_for(user, of.entry),
    matching.pupils_known_as_for: lambda user, of: matching.pupils_known_as_for(
        user, [of.external_id], base_id=of.base.pk, source=SOURCE
    ),
    pupils.blocks_for: lambda user, of: pupils.blocks_for(
        user, BY_NAME["address"], [of.pupil_id], base_id=of.base.pk
    ),
    pupils.changes_for: lambda user, of: pupils.changes_for(user, of.pupil_id, "address"),
    pupils.history_for: lambda user, of: pupils.history_for(user, of.pupil_id, limit=9),
    pupils.lines_for: lambda user, of: [
        line.family_name for line in pupils.lines_for(user, [of.pupil_id], today=cast.TODAY)
        if line.family_name
    ],
    pupils.names_for: lambda user, of: pupils.names_for(user, [of.pupil_id]),
    pupils.pupil_for: lambda user, of: pupils.pupil_for(user, of.pupil_id),
    pupils.record_for: lambda user, of: pupils.record_for(user, of.pupil_id),
    pupils.roll_for: lambda user, of: list(pupils.roll_for(user, of.base.pk, today=cast.TODAY)),
    pupils.sources_for: lambda user, of: pupils.sources_for(user, of.pupil_id, "address"),
    pupils.within_sight_for: lambda user, of: pupils.within_sight_for(user, [of.pupil_id]),
    runs.accounts_for: lambda user, of: runs.accounts_for(user, of.run),
    runs.behind_for: lambda user, of: list(runs.behind_for(user, of.run, "refused").blocks),
    runs.changes_for: lambda user, of: list(runs.changes_for(user, of.run)),
    runs.clock_differences_for: lambda user, of: [
        each for each in runs.clock_differences_for(user) if each.base_id == of.base.pk
    ],
    runs.exceptions_for: lambda user, of: list(runs.exceptions_for(user, of.run)),
    runs.failures_for: lambda user, of: runs.failures_for(user, [of.failed.pk]),
    runs.freshness_for: lambda user, of: [
        each for each in runs.freshness_for(user, of.base.pk) if each.run_id is not None
    ],
    runs.items_for: lambda user, of: list(runs.items_for(user, of.run)),
    runs.items_of_pupil_for: lambda user, of: list(
        runs.items_of_pupil_for(user, of.pupil_id, [of.run.pk, None])
    ),
    runs.last_runs_for: lambda user, of: runs.last_runs_for(user, of.base.pk),
    runs.left_out_for: lambda user, of: runs.left_out_for(user, of.run)[0],
    runs.newest_for: lambda user, of: runs.newest_for(user, [(of.task.pk, of.base.pk)]),
    runs.row_accounts_for: lambda user, of: runs.row_accounts_for(user, of.run),
    runs.outcomes_by_day_for: lambda user, of: runs.outcomes_by_day_for(
        user, [of.base.pk], now=cast.NOW, since=SINCE, buffer=LATE
    ),
    runs.pages_of_last_for: lambda user, of: runs.pages_of_last_for(user, of.run),
    runs.run_for: lambda user, of: runs.run_for(user, of.run.pk),
    runs.runs_behind_for: lambda user, of: runs.runs_behind_for(user, [of.run.pk, None]),
    runs.told_of_for: lambda user, of: list(
        runs.told_of_for(user, of.run, "refused", external_ids=[of.external_id])
    ),
    runs.unnamed_for: lambda user, of: runs.unnamed_for(user, of.run),
    tasks.check_bases_for: lambda user, of: tasks.check_bases_for(user, [of.base.pk]) or "may",
    tasks.check_reach_for: lambda user, of: tasks.check_reach_for(user, of.task.pk) or "may",
    tasks.counts_for: lambda user, of: tasks.counts_for(user, [of.base.pk]),
    tasks.holidays_for: lambda user, of: tasks.holidays_for(user, [of.base.pk], **DAYS),
    tasks.memberships_at_for: lambda user, of: list(tasks.memberships_at_for(user, of.base.pk)),
    tasks.reaching_beyond_for: lambda user, of: not tasks.reaching_beyond_for(user, [of.task.pk]),
    tasks.task_for: lambda user, of: tasks.task_for(user, of.task.pk),
}  # fmt: skip
"""About one school, or what hangs on it, by its id or by a row that belongs to it."""

OF_MANY: dict[Callable[..., Any], Callable[[User, TwoBases], set[int]]] = {
    bases.bases_for: lambda user, _: {each.pk for each in bases.bases_for(user)},
    bases.search_for: lambda user, _: {each.pk for each in bases.search_for(user)},
    blocks.open_points_for: lambda user, _: {each.base_id for each in blocks.open_points_for(user)},
    holding.decided_for: lambda user, _: {each.base_id for each in holding.decided_for(user)},
    holding.entries_for: lambda user, _: {each.base_id for each in holding.entries_for(user)},
    matching.links_elsewhere_for: lambda user, two: {
        base_id
        for links in matching.links_elsewhere_for(
            user, [two.here.pupil_id, two.there.pupil_id], NOWHERE
        ).values()
        for base_id in links
    },
    pupils.how_many_for: lambda user, two: _first(pupils.how_many_for(user), two),
    pupils.search: lambda user, two: {
        side.base.pk
        for side, name in ((two.here, "Marlowe"), (two.there, "Brackley"))
        if side.pupil_id in pupils.search(user, name)
    },
    runs.cohorts_in_log_for: lambda user, two: {
        {"All": two.here.base.pk, "NCY 6": two.there.base.pk}[cohort]
        for cohort in runs.cohorts_in_log_for(user)
    },
    runs.log_count_for: lambda user, two: _first(runs.log_count_for(user, EVERY_LINE).count, two),
    runs.log_csv_for: lambda user, two: {
        side.base.pk
        for side in (two.here, two.there)
        if side.base.name in "".join(runs.log_csv_for(user, EVERY_LINE))
    },
    runs.log_page_for: lambda user, _: {row.base_id for row in runs.log_page_for(user, EVERY_LINE).rows},
    runs.runs_for: lambda user, _: {each.base_id for each in runs.runs_for(user)},
    runs.standing_for: lambda user, _: set(runs.standing_for(user, now=cast.NOW, buffer=LATE).names),
    scheduling.queue_for: lambda user, _: {
        row.base_id for row in scheduling.queue_for(user, now=cast.NOW, limit=9)
    },
    scheduling.queue_counts_for: lambda user, two: _first(
        sum(scheduling.queue_counts_for(user).values()), two
    ),
    tasks.blackouts_for: lambda user, _: {
        each.base_id for each in tasks.blackouts_for(user) if each.base_id is not None
    },
    tasks.closures_for: lambda user, two: {
        side.base.pk
        for side in (two.here, two.there)
        if tasks.closures_for(user, [side.base.pk], from_on=cast.TODAY).name_on(
            side.base.pk, side.blackout.from_on
        )
    },
    tasks.coming_up_for: lambda user, two: {
        side.base.pk
        for side in (two.here, two.there)
        for row in tasks.coming_up_for(user, now=cast.NOW, limit=9)
        if row["task_id"] == side.task.pk
    },
    tasks.memberships_for: lambda user, _: {each.base_id for each in tasks.memberships_for(user)},
    tasks.tasks_for: lambda user, two: {
        side.base.pk for side in (two.here, two.there) if side.task in tasks.tasks_for(user)
    },
}
"""Lists and counts over whatever a person sees; told as the schools they show."""

OF_THE_AUTHORITY: dict[Callable[..., Any], Callable[[User], Any]] = {
    bases.how_many_on_for: lambda user: bases.how_many_on_for(user, SOURCE),
    collecting.calls_per_second_for: collecting.calls_per_second_for,
    collecting.override_for: lambda user: collecting.override_for(user, MappingOverride.objects.get().pk),
    collecting.limits_for: lambda user: collecting.limits_for(user, SOURCE),
    collecting.overrides_for: lambda user: collecting.overrides_for(user, SOURCE),
    collecting.settings_for: lambda user: collecting.settings_for(user, SOURCE),
    collecting.turns_for: lambda user: collecting.turns_for(user, now=cast.NOW),
    scheduling.health_for: lambda user: scheduling.health_for(user, now=cast.NOW),
    scheduling.workers_for: lambda user: scheduling.workers_for(user, now=cast.NOW),
}
"""Of no base: machines, sources and the mapping, which all schools share."""


def _first(count: int, two: TwoBases) -> set[int]:
    """Both schools count the same; so a count says how many of them were counted."""
    each = {1: {two.here.base.pk}, 2: {two.here.base.pk, two.there.base.pk}}
    assert count % len(each) in {0, 1}
    return each.get(count, set())


@pytest.fixture
def two() -> TwoBases:
    found = build()
    there = runs.TaskLogEntry.objects.filter(base=found.there.base)
    there.update(cohort="NCY 6")
    for side in (found.here, found.there):
        _decided(side)
    runs.Run.objects.filter(pk__in=(found.here.run.pk, found.there.run.pk)).update(
        progress={"pages": 4}, rows={"Learners": {"received": 1, "became": 1}}
    )
    for side in (found.here, found.there):
        side.run.refresh_from_db()
    return found


def _decided(side: Side) -> None:
    """Something that was decided, beside what waits."""
    HeldEntry.objects.create(
        base=side.base, code="roll.absent", state="refused", opened_at=cast.NOW, closed_at=cast.NOW
    )


@pytest.fixture
def shared(two: TwoBases) -> TwoBases:
    MappingOverride.objects.create(
        mis=SOURCE, domain="D", group="basic_details", item="sex", changed_at=cast.NOW
    )
    SourceLimit.objects.create(
        mis=SOURCE, api_url="https://api.invalid", calls_per_second=2, changed_at=cast.NOW
    )
    SourceSetting.objects.create(mis=SOURCE, name="n", value="v", changed_at=cast.NOW)
    SourceTurn.objects.create(key="k", next_at=cast.NOW, paused_until=cast.NOW)
    WorkerProcess.objects.create(name="w", started_at=cast.NOW, seen_at=cast.NOW)
    return two


def _asked(question: Callable[..., Any], *given: Any) -> Any:
    """The answer, or how it was refused: what nobody may tell apart."""
    try:
        return question(*given)
    except (Http404, NoSuchPupilError, RefusedError, HeldRefusedError) as refusal:
        return type(refusal), str(refusal)


def _is_nothing(answer: Any) -> bool:
    return not answer or (isinstance(answer, tuple) and isinstance(answer[0], type))


def _named(question: Callable[..., Any]) -> str:
    return f"{question.__module__.split('.')[1]}.{question.__name__}"


def test_knows_every_function_that_gives_a_face_a_row():
    asked = {*OF_ONE, *OF_MANY, *OF_THE_AUTHORITY}
    assert {_named(each) for each in _access_functions()} == {_named(each) for each in asked}


def _access_functions() -> Iterator[Callable[..., Any]]:
    for path in sorted((CHECKOUT / "src/schoolgate").glob("*/access.py")):
        module = importlib.import_module(f"schoolgate.{path.parent.name}.access")
        for name, found in inspect.getmembers(module, inspect.isfunction):
            if found.__module__ == module.__name__ and not name.startswith("_"):
                yield found


def test_gives_a_row_to_who_may_see_its_base_and_to_nobody_else(two: TwoBases):
    assert not [_named(question) for question, ask in OF_ONE.items() if not _is_guarded(ask, two)]


def _is_guarded(ask: Callable[[User, Side], Any], two: TwoBases) -> bool:
    wrong = nowhere()
    forbidden = _asked(ask, two.officer, two.there)
    return (
        not _is_nothing(_asked(ask, cast.administrator(), two.there))
        and not _is_nothing(_asked(ask, two.officer, two.here))
        and _is_nothing(forbidden)
        and forbidden == _asked(ask, two.officer, wrong)
        and all(_is_nothing(_asked(ask, cast.stranger(), side)) for side in (two.here, two.there, wrong))
    )


def test_lists_and_counts_only_the_bases_that_somebody_sees(two: TwoBases):
    here, there = two.here.base.pk, two.there.base.pk
    seen = {
        _named(question): tuple(
            ask(user, two) for user in (cast.administrator(), two.officer, cast.stranger())
        )
        for question, ask in OF_MANY.items()
    }
    assert seen == dict.fromkeys(seen, ({here, there}, {here}, set()))


def test_gives_what_belongs_to_no_base_to_who_holds_the_right(shared: TwoBases):
    people = (cast.administrator(), shared.all_rights, cast.stranger())
    answered = {
        _named(question): tuple(not _is_nothing(_asked(ask, user)) for user in people)
        for question, ask in OF_THE_AUTHORITY.items()
    }
    assert answered == dict.fromkeys(answered, (True, True, False))
