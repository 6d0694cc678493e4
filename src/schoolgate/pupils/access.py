"""The only way a face gets a pupil for a person."""

from __future__ import annotations

import contextlib
import re
from datetime import date

from django.db import models
from django.db.models.functions import Concat

from schoolgate.accounts.rights import Person, Right, may
from schoolgate.pupils.models import BasicDetails, Identifiers, Pupil

FOUND_AT_MOST = 50
_NAMES = ("given_name", "middle_names", "family_name", "preferred_given_name", "preferred_family_name")
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

    All words must fit; by family name, at most 50. Empty for a person without the right.
    """
    text = text.strip()
    if not text or not may(user, Right.PUPILS_VIEW):
        return []
    by_upn = Identifiers.objects.filter(models.Q(upn=text.upper()) | models.Q(former_upn=text.upper()))
    found = list(by_upn.values_list("pupil_id", flat=True)[:FOUND_AT_MOST])
    return found or _by_words(text)


def _by_words(text: str) -> list[int]:
    details = BasicDetails.objects.annotate(
        whole_name=Concat(
            *(part for name in _NAMES for part in (name, models.Value(" "))), output_field=models.CharField()
        )
    )
    for word in text.split():
        day = _day(word)
        fits = models.Q(date_of_birth=day) if day else models.Q(whole_name__icontains=word)
        details = details.filter(fits)
    ordered = details.order_by("family_name", "given_name", "pupil_id")
    return list(ordered.values_list("pupil_id", flat=True)[:FOUND_AT_MOST])


def _day(word: str) -> date | None:
    found = _DAY.fullmatch(word)
    if found is None:
        return None
    year, month, day = found[1].split("-") if found[1] else (found[4], found[3], found[2])
    with contextlib.suppress(ValueError):  # a day the calendar does not have is looked for as a word
        return date(int(year), int(month), int(day))
    return None
