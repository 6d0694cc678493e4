"""The only way a face gets a pupil for a person."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models.functions import Replace

from schoolgate.accounts.rights import Person, Right
from schoolgate.accounts.scopes import Scope, scope_of
from schoolgate.audit import queries as audit
from schoolgate.audit.models import RecordChange
from schoolgate.lib.folding import fold
from schoolgate.lib.unreadable import is_readable
from schoolgate.pupils import queries
from schoolgate.pupils.folding import NAME_ORDER, NAMES
from schoolgate.pupils.models import BasicDetails, Identifiers, Pupil
from schoolgate.pupils.queries import HeldGroup, PupilLine
from schoolgate_message.blocks import Content
from schoolgate_message.items import DataGroup

__all__ = [
    "HeldGroup",
    "NoSuchPupilError",
    "Pupil",
    "PupilLine",
    "RecordChange",
    "blocks_for",
    "changes_for",
    "history_for",
    "how_many_for",
    "lines_for",
    "names_for",
    "pupil_for",
    "record_for",
    "roll_for",
    "search",
    "sources_for",
    "within_sight_for",
]

FOUND_AT_MOST = 50
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})|(\d{1,2})/(\d{1,2})/(\d{4})")


class NoSuchPupilError(LookupError):
    """No such pupil for this person; a wrong id and a forbidden id look the same."""


def _scope(user: Person) -> Scope:
    return scope_of(user, Right.PUPILS_VIEW)


def pupil_for(user: Person, pupil_id: int) -> Pupil:
    """The pupil, for somebody who reads the register and sees a base of the pupil; else NoSuchPupilError."""
    found = queries.seen(_scope(user)).filter(pk=pupil_id).first()
    if found is None:
        raise NoSuchPupilError
    return found


def names_for(user: Person, pupil_ids: Collection[int]) -> dict[int, str]:
    """The names of pupils as this person may read them; whoever is not theirs to see is left out."""
    return queries.names_of(_scope(user), pupil_ids)


def lines_for(user: Person, pupil_ids: Collection[int], *, today: date) -> list[PupilLine]:
    """Pupils as lines of a list, in the order given; whoever is not theirs to see is left out."""
    return queries.lines(_scope(user), pupil_ids, today=today)


def within_sight_for(user: Person, pupil_ids: Collection[int]) -> frozenset[int]:
    """Those of some pupils whose record this person may see; without a limit it costs no query."""
    scope = _scope(user)
    if not scope.is_limited:
        return frozenset(pupil_ids)
    return frozenset(queries.seen(scope).filter(pk__in=list(pupil_ids)).values_list("pk", flat=True))


def blocks_for(
    user: Person, group: DataGroup, pupil_ids: Collection[int], *, base_id: int
) -> dict[int, Content]:
    """What the register holds of one data group of some pupils, by pupil, to hold against what one of this
    person's bases sent; whoever is not theirs to see is left out.
    """
    if not _scope(user).may_see(base_id):
        return {}
    return queries.existing_blocks(group, sorted(within_sight_for(user, pupil_ids)), base_id)


def how_many_for(user: Person) -> int:
    """How many pupils of this person's bases the register holds."""
    return queries.seen(_scope(user)).filter(is_active=True).count()


def roll_for(user: Person, base_id: int, *, today: date) -> models.QuerySet[Any]:
    """Ids of the pupils on roll at a base, by name."""
    return queries.roll_of(_scope(user), base_id, today=today)


def record_for(user: Person, pupil_id: int) -> list[HeldGroup]:
    """Everything held of one pupil; facts of the pupil at a base only of this person's bases."""
    scope = _scope(user)
    return queries.whole_record(scope, pupil_id) if _holds(scope, pupil_id) else []


def changes_for(user: Person, pupil_id: int, group: str) -> list[RecordChange]:
    """The newest changes of one data group of one pupil."""
    scope = _scope(user)
    return audit.latest_changes(scope.listed, pupil_id, group) if _holds(scope, pupil_id) else []


def sources_for(user: Person, pupil_id: int, group: str) -> dict[str, RecordChange]:
    """For each data item of a group of one pupil, the change that last touched it."""
    scope = _scope(user)
    return audit.item_sources(scope.listed, pupil_id, group) if _holds(scope, pupil_id) else {}


def history_for(
    user: Person, pupil_id: int, *, limit: int, before_id: int | None = None
) -> list[RecordChange]:
    """What happened to one pupil's record, newest first; ``before_id`` opens the next page."""
    scope = _scope(user)
    if not _holds(scope, pupil_id):
        return []
    return audit.history(scope.listed, pupil_id, limit=limit, before_id=before_id)


def _holds(scope: Scope, pupil_id: int) -> bool:
    """Whether a pupil is in a scope; asked of the database only where there is a limit."""
    return not scope.is_limited or queries.seen(scope).filter(pk=pupil_id).exists()


def search(user: Person, text: str) -> list[int]:
    """Ids of the pupils that a name, a UPN or a date of birth (2015-03-09, 9/3/2015) points to.

    All words must fit, without regard to case, accents, hyphens and apostrophes; by family name, at most
    50. Empty for a person without the right, and for what no name can hold.
    """
    text, scope = text.strip(), _scope(user)
    if not text or not is_readable(text):
        return []
    by_upn = Identifiers.objects.filter(models.Q(upn=text.upper()) | models.Q(former_upn=text.upper()))
    by_upn = by_upn.filter(queries.linked(scope, "pupil_id"))
    found = list(by_upn.values_list("pupil_id", flat=True)[:FOUND_AT_MOST])
    return found or _by_words(scope, text)


def _by_words(scope: Scope, text: str) -> list[int]:
    """Those whose names hold the words as they were typed, one after the other, come first."""
    days = [day for word in text.split() if (day := _day(word))]
    words = {word: folded for word in text.split() if not _day(word) and (folded := fold(word))}
    if not (days or words):
        return []
    found = BasicDetails.objects.filter(queries.linked(scope, "pupil_id"))
    for day in days:
        found = found.filter(date_of_birth=day)
    # The longest first: it rules most pupils out, and the others are then looked for in few names.
    for word, folded in sorted(words.items(), key=lambda pair: -len(pair[1])):
        found = found.filter(_names_with(word, folded))
    as_typed = models.Q(joined_names__contains="".join(words.values()))
    ordered = found.annotate(
        joined_names=Replace("names_folded", models.Value(" "), output_field=models.TextField()),
        place=models.Case(models.When(as_typed, then=0), default=1),
    ).order_by("place", *NAME_ORDER)
    return list(ordered.values_list("pupil_id", flat=True)[:FOUND_AT_MOST])


def _names_with(word: str, folded: str) -> models.Q:
    """Names with a word, both folded; as they stand where the release before this one wrote the row."""
    as_they_stand = [models.Q(**{f"{name}__icontains": word}) for name in NAMES]
    unfolded = models.Q(names_folded__isnull=True) & reduce(or_, as_they_stand)
    return models.Q(names_folded__contains=folded) | unfolded


def _day(word: str) -> date | None:
    found = _DAY.fullmatch(word)
    if found is None:
        return None
    year, month, day = found[1].split("-") if found[1] else (found[4], found[3], found[2])
    with contextlib.suppress(ValueError):  # a day the calendar does not have is looked for as a word
        return date(int(year), int(month), int(day))
    return None
