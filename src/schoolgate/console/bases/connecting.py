"""A base's SIMS Primary API Settings, the test of them, and the start on SIMS Primary."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from schoolgate.bases.access import Mis, base_for
from schoolgate.bases.actions import record_test, save_connection, start_on_sims_primary
from schoolgate.bases.queries import state_of
from schoolgate.bases.rules import WORKS, RefusedError
from schoolgate.collecting.sources import try_connection
from schoolgate.console.bases.forms import ConnectionForm, StartForm
from schoolgate.console.screen import crumbs, refuse, say, show, user_id
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.tasks.actions import refresh_memberships
from schoolgate.tasks.moving import settle_moved_base


@right("bases.connection")
def connection(request: HttpRequest, base_id: int) -> HttpResponse:
    """Add/Edit SIMS Primary Settings: four values, all required; kept secrets are not shown again."""
    base = base_for(request.user, base_id)
    kept = getattr(base, "connection", None)
    names = ("client_id", "organisation_id", "token_url", "api_url")
    form = ConnectionForm(request.POST or None, initial={name: getattr(kept, name, "") for name in names})
    if kept is not None:
        form.keep_secrets()
    if form.is_valid():
        try:
            with transaction.atomic():
                save_connection(base.pk, **form.cleaned_data, by=user_id(request), now=clock.now())
                refresh_memberships(base_ids=[base.pk], now=clock.now())
        except RefusedError as refusal:
            form.add_error(None, f"{refusal.sentence} {refusal.remedy}")
        else:
            say(request, "The settings were saved. Test the connection to see whether they work.")
            return redirect("base_connection", base.pk)
    context = {
        "base": base,
        "form": form,
        "connection": kept,
        "state": state_of(kept).value,
        "crumbs": crumbs(
            ("Bases", "/bases/"), (base.name, f"/bases/{base.pk}/"), ("SIMS Primary settings", "")
        ),
    }
    return show(request, "bases/connection.html", context, section="bases")


@require_POST
@right("bases.connection")
def connection_try(request: HttpRequest, base_id: int) -> HttpResponse:
    """Test connection: asks for a token and makes one data call, and keeps what came of it."""
    base = base_for(request.user, base_id)
    if getattr(base, "connection", None) is None:
        refuse(request, "There is nothing to test yet.", "Enter the four settings first.")
        return redirect("base_connection", base.pk)
    version = base.connection.version
    outcome = try_connection(base, mis=Mis.SIMS_PRIMARY.value)
    now = clock.now()
    with transaction.atomic():
        record_test(
            base.pk,
            outcome=outcome.code,
            sentence=f"{outcome.sentence} {outcome.remedy}".strip()[:300],
            version=version,
            by=user_id(request),
            now=now,
        )
        refresh_memberships(base_ids=[base.pk], now=now)
    if outcome.code == WORKS:
        say(request, f"The connection of {base.name} works. {outcome.sentence}")
    else:
        refuse(request, outcome.sentence, outcome.remedy)
    return redirect("base_connection", base.pk)


@right("bases.connection")
def start(request: HttpRequest, base_id: int) -> HttpResponse:
    """The SIMS Primary check box: what it means, and the confirmation. It can't be undone."""
    base = base_for(request.user, base_id)
    kept = getattr(base, "connection", None)
    form = StartForm(request.POST or None)
    if kept is not None and base.mis != Mis.SIMS_PRIMARY and form.is_valid():
        now = clock.now()
        moved_at = datetime.combine(form.cleaned_data["moved_on"], time(), clock.LONDON)
        try:
            with transaction.atomic():
                start_on_sims_primary(base.pk, moved_at=moved_at, by=user_id(request), now=now)
                settle_moved_base(base.pk, by=user_id(request), now=now)
        except RefusedError as refusal:
            form.add_error("moved_on", f"{refusal.sentence} {refusal.remedy}")
        else:
            say(
                request,
                f"{base.name} is now a SIMS Primary base. Run a snapshot next, so that nothing is missed.",
            )
            return redirect("base", base.pk)
    context = {
        "base": base,
        "form": form,
        "connection": kept,
        "state": state_of(kept).value,
        "reach_back": clock.today() - timedelta(days=90),
        "crumbs": crumbs(("Bases", "/bases/"), (base.name, f"/bases/{base.pk}/"), ("SIMS Primary", "")),
    }
    return show(request, "bases/start.html", context, section="bases")
