"""The task log: over all bases, and as the tab of an opened base."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from schoolgate.bases.access import base_for
from schoolgate.bases.models import Base
from schoolgate.console.log.forms import LogFilter
from schoolgate.console.screen import crumbs, show
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.runs.access import task_log_for
from schoolgate.runs.rules import cohort_in_words
from schoolgate.tasks.access import tasks_for


@right("log.view")
def log(request: HttpRequest) -> HttpResponse:
    """Every file and every run without one, newest first."""
    return _page(request, base=None)


@right("log.view")
def base_log(request: HttpRequest, base_id: int) -> HttpResponse:
    """The task log of one base."""
    return _page(request, base=base_for(request.user, base_id))


def _page(request: HttpRequest, *, base: Base | None) -> HttpResponse:
    form = LogFilter(request.GET).offer(_cohorts(request))
    filters = form.filters(base_id=base.pk if base else None)
    context = {
        "form": form,
        "base": base,
        "listing": listing(task_log_for(request.user, filters), query=request.GET),
        "is_filtered": any(value for key, value in request.GET.items() if key != "page"),
        "crumbs": crumbs(("Bases", "/bases/"), (base.name, f"/bases/{base.pk}/"), ("Task Log", ""))
        if base
        else [],
    }
    return show(request, "log/log.html", context, section="bases" if base else "log")


def _cohorts(request: HttpRequest) -> list[str]:
    """The cohorts of the tasks there are; asking the log itself would read all of it."""
    years = tasks_for(request.user).order_by().values_list("nc_years", flat=True).distinct()
    return sorted({cohort_in_words([]), *(cohort_in_words(each) for each in years)})
