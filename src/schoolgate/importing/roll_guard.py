"""Doubts a roll that says too much at once: that most of a school has left, or that many are missing.

A roll that failed half way looks like a school that lost its pupils. Who would leave among more than two
thirds of a roll stays on it until a person has said so. Who is missing from a roll that names nobody, or far
fewer than the last one, or that came in parts, is missing once the next roll doesn't name the pupil either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from schoolgate.authority.queries import defaults
from schoolgate.holding.actions import let_go, put_aside
from schoolgate.holding.causes import ABSENT, LEAVING_AT_ONCE, SHORT_ROLL, Cause
from schoolgate.holding.queries import waiting_of_cause
from schoolgate.holding.rules import ABSENCE, NO_GROUP, Waiting, fixed_digest
from schoolgate.holding.states import ItemState
from schoolgate.importing.circumstances import Facts
from schoolgate.importing.emptied_lately import left_by_runs
from schoolgate.importing.losses import are_most_of, is_a_large_share
from schoolgate.importing.mass_guard import AT_ONCE
from schoolgate.importing.writing import Errand
from schoolgate.matching.queries import Known
from schoolgate.matching.rolls import pupils_on_roll
from schoolgate.runs.rules import Problem
from schoolgate_message.records import MatchKeys
from schoolgate_message.roll_states import has_left, is_on_roll

BACK = "The pupil is back on the roll."


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """Of those whom a complete roll doesn't name (pupils by external id): who is missing, who is in doubt."""

    believed: dict[str, int]
    doubted: dict[str, int]


def staying(
    states: Mapping[str, str], known: Mapping[str, Known], *, facts: Facts, errand: Errand
) -> dict[str, int]:
    """Whom a roll calls leavers and who stay on it for now, since most of the school would be gone.

    Pupils by external id: those just found and those for whom that waits, or was refused, already. Nothing is
    asked of the database unless somebody leaves.
    """
    leaving = {
        external_id: known[external_id].pupil_id
        for external_id, state in states.items()
        if has_left(state) and external_id in known and is_on_roll(known[external_id].roll_state)
    }
    if not leaving:
        return {}
    told = {each: state for each in leaving if (state := _state(each, LEAVING_AT_ONCE, facts))}
    refused = {each for each, state in told.items() if state == ItemState.REFUSED.value}
    left = left_by_runs(base_id=errand.base_id, since=errand.now - AT_ONCE)
    on_roll = pupils_on_roll(errand.base_id)
    gone = {pupil_id for each, pupil_id in leaving.items() if each not in refused} | (left - on_roll)
    if are_most_of(len(gone), roll=len(on_roll | left)):
        return leaving
    return {each: leaving[each] for each in told}


def weighed(
    missing: Mapping[str, int], *, named: int, is_in_parts: bool, facts: Facts, errand: Errand
) -> Missing:
    """Who of those whom a complete roll doesn't name is missing; ``named`` is how many on roll it names.

    Believed is whom an earlier roll didn't name either. Of whom a person has said that nothing is to follow
    from it, nothing does.
    """
    if not missing:
        return Missing(believed={}, doubted={})
    waiting = waiting_of_cause(errand.base_id, SHORT_ROLL.code, NO_GROUP)
    before = {
        each.external_id for each in waiting if each.source == facts.source and each.read_at < errand.read_at
    }
    agreed = {each: pupil_id for each, pupil_id in missing.items() if each in before}
    fresh = {
        each: pupil_id
        for each, pupil_id in missing.items()
        if each not in before and not _state(each, SHORT_ROLL, facts)
    }
    percent = defaults().guard_percent
    if fresh and (
        not named or is_in_parts or is_a_large_share(len(fresh), roll=named + len(fresh), percent=percent)
    ):
        return Missing(believed=agreed, doubted=fresh)
    return Missing(believed=agreed | fresh, doubted={})


def hold_leavings(stay: Mapping[str, int], *, facts: Facts, errand: Errand) -> list[Problem]:
    """Let most of a school's leaving wait; what waits already, or was refused, isn't told again."""
    news = {each: pupil_id for each, pupil_id in stay.items() if not _state(each, LEAVING_AT_ONCE, facts)}
    return hold(news, LEAVING_AT_ONCE, facts=facts, errand=errand)


def hold(pupils: Mapping[str, int], cause: Cause, *, facts: Facts, errand: Errand) -> list[Problem]:
    """Let the place of these pupils on the roll wait for a person; answers what the run tells of them."""
    waiting = [
        Waiting(
            external_id=external_id,
            source=facts.source,
            group=NO_GROUP,
            kind=ABSENCE,
            code=cause.code,
            digest=fixed_digest(ABSENCE),
            read_at=errand.read_at,
            keys=MatchKeys(external_id=external_id),
            pupil_id=pupil_id,
        )
        for external_id, pupil_id in pupils.items()
    ]
    put_aside(waiting, base_id=errand.base_id, run_id=errand.run_id, now=errand.now)
    return [
        Problem(
            kind="held",
            code=cause.code,
            sentence=cause.sentence,
            remedy=cause.remedy,
            pupil_id=pupil_id,
            external_id=external_id,
        )
        for external_id, pupil_id in pupils.items()
    ]


def end_answered(states: Mapping[str, str], *, facts: Facts, errand: Errand, but: Collection[str]) -> None:
    """Who is back on the roll is no longer missing: nobody must say meanwhile that the pupil has left."""
    let_go(
        [(each, NO_GROUP) for each in _answered(states, facts, but=but)],
        base_id=errand.base_id,
        source=facts.source,
        why=BACK,
        now=errand.now,
        read_at=errand.read_at,
    )


def _answered(states: Mapping[str, str], facts: Facts, *, but: Collection[str]) -> Iterable[str]:
    for external_id, state in states.items():
        waiting = facts.standing.get((external_id, NO_GROUP))
        if waiting is None or external_id in but:
            continue
        if waiting.code == SHORT_ROLL.code or (
            is_on_roll(state) and waiting.code in {ABSENT.code, LEAVING_AT_ONCE.code}
        ):
            yield external_id


def _state(external_id: str, cause: Cause, facts: Facts) -> str:
    """Whether it waits or was refused for this cause; empty for neither."""
    found = facts.standing.get((external_id, NO_GROUP))
    return found.state if found is not None and found.code == cause.code else ""
