"""What runs told and what is open still: the block of which it was told has not landed since.

A block that was refused, or of a pupil whom nobody could be found for, is read again night after night until
it lands, and told of anew each time: the newest telling counts. A warning comes with a block that did land;
it is open as long as the register holds what was warned of.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from schoolgate.accounts.scopes import Scope
from schoolgate.blocks.models import Outstanding
from schoolgate.codes.upn import as_key
from schoolgate.pupils.models import Identifiers
from schoolgate.runs.models import RunException
from schoolgate.runs.queries import told

REFUSED, UNMATCHED, WARNING = "refused", "unmatched", "warning"


def open_points(scope: Scope) -> QuerySet[RunException]:
    """What is refused or unmatched still, newest first, with run and base."""
    waits = Outstanding.objects.filter(
        base_id=OuterRef("base_id"), external_id=OuterRef("external_id"), run_id=OuterRef("run_id")
    )
    # Of an unmatched pupil one point is told, whatever the number of blocks.
    is_open = Exists(waits.filter(group=OuterRef("group"))) | Q(Exists(waits), group="")
    return told(scope, kinds=(REFUSED, UNMATCHED)).filter(is_open)


def open_points_of(scope: Scope, pupil_id: int) -> QuerySet[RunException]:
    """What is open about a pupil, newest first: what is refused still, and what it should not hold."""
    found = open_points(scope).filter(pupil_id=pupil_id)
    upn = Identifiers.objects.filter(pupil_id=pupil_id).values_list("upn", flat=True).first()
    if not upn or as_key(upn):
        return found
    warned = told(scope, kinds=[WARNING]).filter(pupil_id=pupil_id).values("id")[:1]
    is_open = Q(id__in=found.values("id")) | Q(id__in=warned)
    return told(scope, kinds=(REFUSED, UNMATCHED, WARNING)).filter(is_open)
