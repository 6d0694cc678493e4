"""A whole school of invented children, as many as a test asks for, and what its source sends of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from tests.landing import enrolled, identity, pupil, upn

from schoolgate.bases.models import Base
from schoolgate.importing.actions import land_run
from schoolgate.importing.releasing import release
from schoolgate.runs.actions import take_up
from schoolgate.runs.models import Run
from schoolgate.runs.states import Stage
from schoolgate_message.records import MatchKeys, MessagePupil

_SYLLABLES = ("Bar", "Cald", "Dun", "Elm", "Fen", "Gor", "Hal", "Ing", "Kel", "Lun")
_ENDINGS = ("by", "croft", "dale", "ham", "ley", "ridge", "shaw", "thorpe", "wick", "worth")


def child(number: int) -> MatchKeys:
    """The school's child of this number (from 0 to 999), unlike every other by name, birthday and UPN."""
    tens, ones = divmod(number % 100, 10)
    return MatchKeys(
        external_id=f"c-{number:03}",
        upn=upn(f"82020001{number:04}"),
        family_name=_SYLLABLES[tens] + _ENDINGS[ones],
        given_name=f"{_SYLLABLES[number // 100]}{_ENDINGS[tens]}a",
        date_of_birth=f"201{5 + number % 5}-{1 + number % 12:02}-{1 + number % 28:02}",
        sex="FM"[number % 2],
    )


def sent(base: Base, number: int, **blocks: Any) -> MessagePupil:
    """One child with name, birthday, UPN and enrolment, and the blocks given; ``None`` leaves one out."""
    given = {**identity(child(number)), "enrolments": [enrolled(base)], **blocks}
    told = {name: content for name, content in given.items() if content is not None}
    keys = child(number)
    made = pupil(keys, with_identity=False, **{name: each for name, each in told.items() if each != {}})
    return made_empty(made, [name for name, each in told.items() if each == {}])


def made_empty(made: MessagePupil, groups: Iterable[str]) -> MessagePupil:
    """The same with blocks of these groups that hold nothing: every row came with its id alone."""
    made.blocks.update({name: {} for name in groups})
    return made


def school(base: Base, numbers: Collection[int], **blocks: Any) -> list[MessagePupil]:
    """These children, all with the same further blocks."""
    return [sent(base, number, **blocks) for number in numbers]


def landed(run_id: int, *, now: Any) -> Run:
    """A run that was planned, once it has landed."""
    taken = take_up(run_id, stage=Stage.LANDING, worker="w", now=now)
    assert taken is not None
    land_run(run_id=run_id, attempt=taken.attempt, now=now)
    return Run.objects.get(pk=run_id)


def released(entry_id: int, *, by: int | None, now: Any, **how: Any) -> list[Run]:
    """Release an entry, and land what that brings."""
    done = release(entry_id, by=by, reason="asked the school", now=now, **how)
    return [landed(run_id, now=now) for run_id in done.run_ids]
