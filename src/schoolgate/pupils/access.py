"""The only way a face gets a pupil for a person."""

from __future__ import annotations

import contextlib
import re
from datetime import date
from functools import reduce
from operator import or_

from django.db import models
from django.db.models.functions import Replace

from schoolgate.accounts.rights import Person, Right, may
from schoolgate.lib.folding import fold
from schoolgate.lib.unreadable import is_readable
from schoolgate.pupils.folding import NAME_ORDER, NAMES
from schoolgate.pupils.models import BasicDetails, Identifiers, Pupil

FOUND_AT_MOST = 50
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})|(\d{1,2})/(\d{1,2})/(\d{4})")


class NoSuchPupilError(LookupError):
    """No such pupil for this person; a wrong id and a forbidden id look the same."""


def pupil_for(user: Person, pupil_id: int) -> Pupil:
    """The pupil, for a person who may see the register; otherwise NoSuchPupilError."""
    if may(user, Right.PUPILS_VIEW):
        found = Pupil.objects.filter(pk=pupil_id).first()
        if found is not None:
            return found
    raise NoSuchPupilError


def search(user: Person, text: str) -> list[int]:
    """Ids of the pupils that a name, a UPN or a date of birth (2015-03-09, 9/3/2015) points to.

    All words must fit, without regard to case, accents, hyphens and apostrophes; by family name, at most
    50. Empty for a person without the right, and for what no name can hold.
    """
    text = text.strip()
    if not text or not is_readable(text) or not may(user, Right.PUPILS_VIEW):
        return []
    by_upn = Identifiers.objects.filter(models.Q(upn=text.upper()) | models.Q(former_upn=text.upper()))
    found = list(by_upn.values_list("pupil_id", flat=True)[:FOUND_AT_MOST])
    return found or _by_words(text)


def _by_words(text: str) -> list[int]:
    """Those whose names hold the words as they were typed, one after the other, come first."""
    days = [day for word in text.split() if (day := _day(word))]
    words = {word: folded for word in text.split() if not _day(word) and (folded := fold(word))}
    if not (days or words):
        return []
    found = BasicDetails.objects.all()
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
