"""The only way a page gets a transfer file for a person."""

from __future__ import annotations

from django.http import Http404

from schoolgate.accounts.rights import Person, Right, may
from schoolgate.files.models import TransferFile


def file_for(user: Person, file_id: int) -> TransferFile:
    """One file this person may see; anything else is not found."""
    found = TransferFile.objects.select_related("base", "run").filter(pk=file_id).first()
    if found is None or not may(user, Right.FILES_VIEW):
        raise Http404
    return found
