"""The only way a page gets a transfer file for a person."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from schoolgate.accounts.rights import Person, Right
from schoolgate.accounts.scopes import scope_of
from schoolgate.files import queries
from schoolgate.files.models import TransferFile

__all__ = ["TransferFile", "body_for", "file_for", "files_for"]


def files_for(user: Person, run_id: int) -> QuerySet[TransferFile]:
    """The files of a run, in order, for somebody who may see the run."""
    return scope_of(user, Right.RUNS_VIEW).narrow(queries.files_of(run_id))


def file_for(user: Person, file_id: int) -> TransferFile:
    """One file this person may see; anything else is not found."""
    found = queries.seen(scope_of(user, Right.FILES_VIEW)).filter(pk=file_id).first()
    if found is None:
        raise Http404
    return found


def body_for(user: Person, file: TransferFile) -> bytes:
    """The whole message of a file as it was received; FileGoneError once it was deleted for its age."""
    if not scope_of(user, Right.FILES_VIEW).may_see(file.base_id):
        raise Http404
    return queries.open_body(file.pk)
