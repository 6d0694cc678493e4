"""The task log: over all bases, as the tab of an opened base, and as CSV."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from schoolgate.bases.access import Base, base_for
from schoolgate.console.log.forms import LogFilter, opened_filter
from schoolgate.console.screen import crumbs, show
from schoolgate.lib import clock
from schoolgate.pages.asked import number
from schoolgate.pages.gate import right
from schoolgate.runs.access import (
    TaskLogEntry,
    cohorts_in_log_for,
    failures_for,
    log_count_for,
    log_csv_for,
    log_page_for,
)
from schoolgate.runs.states import LogStatus
from schoolgate.runs.task_log import LogFilters

PAGING = ("before", "after")
TROUBLES = (
    (LogStatus.FAILED.value, "failed"),
    (LogStatus.EXPORTED_WITH_EXCEPTIONS.value, "came with exceptions"),
)
"""What the sentence above the log counts among the rows shown."""


@right("log.view")
def log(request: HttpRequest) -> HttpResponse:
    """Every file and every run without one, newest first."""
    return _page(request, base=None)


@right("log.view")
def base_log(request: HttpRequest, base_id: int) -> HttpResponse:
    """The task log of one base."""
    return _page(request, base=base_for(request.user, base_id))


@right("log.view")
def log_export(request: HttpRequest) -> StreamingHttpResponse:
    """The log as it is filtered, as CSV, sent while it is read; ``?of=`` narrows it to one base."""
    base_id = number(request.GET.get("of", ""))
    base = base_for(request.user, base_id) if base_id is not None else None
    filters = _filters(_opened(request, base), base)
    answer = StreamingHttpResponse(log_csv_for(request.user, filters), content_type="text/csv; charset=utf-8")
    name = f"task-log-{base.dfe_number + '-' if base else ''}{clock.today().isoformat()}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _opened(request: HttpRequest, base: Base | None) -> LogFilter:
    return opened_filter(
        request.GET, cohorts=cohorts_in_log_for(request.user), is_of_one_base=base is not None
    )


def _filters(form: LogFilter, base: Base | None) -> LogFilters:
    return form.filters(base_id=base.pk if base else None)


def _page(request: HttpRequest, *, base: Base | None) -> HttpResponse:
    form = _opened(request, base)
    filters = _filters(form, base)
    before, after = (request.GET.get(name, "") for name in PAGING)
    page = log_page_for(request.user, filters, before=before, after=after)
    context = {
        "form": form,
        "base": base,
        "rows_found": page.rows,
        "count": log_count_for(request.user, filters),
        "older": _address(form, before=page.older) if page.older else "",
        "newer": _address(form, after=page.newer) if page.newer else "",
        "export": _address(form, of=base.pk if base else ""),
        "troubles": [
            (sum(row.status == status for row in page.rows), words, _address(form, status=status))
            for status, words in TROUBLES
        ],
        "technical": failures_for(request.user, _troubled(page.rows)),
        "is_first_page": not (before or after),
        "is_filtered": any(value for key, value in request.GET.items() if key not in PAGING),
        "crumbs": crumbs(("Bases", "/bases/"), (base.name, f"/bases/{base.pk}/"), ("Task Log", ""))
        if base
        else [],
    }
    return show(request, "log/log.html", context, section="bases" if base else "log")


def _address(form: LogFilter, **more: object) -> str:
    """The same filter in an address, From date included, with a place to go on from."""
    asked = {name: form.data.get(name, "") for name in form.fields}
    return "?" + urlencode(
        {key: value for key, value in {**asked, **more}.items() if value != ""} | _marked(asked)
    )


def _marked(asked: dict[str, str]) -> dict[str, str]:
    """An empty From is asked for as such, or the start date of searches would come back."""
    return {} if asked["from_on"] else {"from_on": ""}


def _troubled(rows: Iterable[TaskLogEntry]) -> set[int]:
    """The runs of which there may be something to tell in technical words."""
    return {row.run_id for row in rows if row.exception_details}
