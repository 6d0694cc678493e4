"""A transfer file as it was received, for people with the right to see it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from schoolgate.audit.actions import record_event
from schoolgate.console.screen import refuse, user_id
from schoolgate.files.access import body_for, file_for
from schoolgate.files.queries import FileGoneError
from schoolgate.lib import clock
from schoolgate.pages.gate import right


@right("files.view")
def download(request: HttpRequest, file_id: int) -> HttpResponse:
    """The whole message, unpacked; who took it is kept in the audit. One deleted for age says so."""
    found = file_for(request.user, file_id)
    try:
        body = body_for(request.user, found)
    except FileGoneError as gone:
        refuse(request, gone.sentence, gone.remedy)
        return redirect("run", found.run_id) if found.run_id else redirect("base", found.base_id)
    record_event(
        "files.file.downloaded",
        now=clock.now(),
        user_id=user_id(request),
        base_id=found.base_id,
        subject_id=found.pk,
    )
    response = HttpResponse(body, content_type="application/xml")
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response
