"""A base's connection settings, the test of them, and the start on the MIS they are for."""

from __future__ import annotations

from datetime import datetime, time
from typing import Protocol

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from schoolgate.bases.access import base_for
from schoolgate.bases.actions import record_test, save_connection, start_on_sims_primary
from schoolgate.bases.queries import connection_of, state_of
from schoolgate.bases.rules import RefusedError
from schoolgate.collecting.sources import try_connection
from schoolgate.connectors import registry
from schoolgate.connectors.errors import SETTINGS_PAGE, UnusableSettingError
from schoolgate.console.bases.forms import ConnectionForm, StartForm
from schoolgate.console.screen import crumbs, refuse, say, show, user_id
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.pages.words import listed
from schoolgate.tasks.actions import refresh_memberships
from schoolgate.tasks.moving import settle_moved_base


class Kept(Protocol):
    """A connection as it is kept."""

    mis: str
    plain: dict[str, str]
    sealed: dict[str, str]


@right("bases.connection")
def connection(request: HttpRequest, base_id: int) -> HttpResponse:
    """Add or edit the settings the MIS's connector declares; kept secrets are not shown again."""
    base = base_for(request.user, base_id)
    connector = registry.reaching(base.mis)
    kept = connection_of(base, connector.mis)
    form = ConnectionForm(
        request.POST or None,
        initial=kept.plain if kept else {},
        declared=connector.connection_settings,
        kept=kept.sealed if kept else (),
    )
    if form.is_valid():
        try:
            with transaction.atomic():
                save_connection(
                    base.pk,
                    mis=connector.mis,
                    values=form.cleaned_data,
                    by=user_id(request),
                    now=clock.now(),
                )
                refresh_memberships(base_ids=[base.pk], now=clock.now())
        except RefusedError as refusal:
            form.add_error(None, f"{refusal.sentence} {refusal.remedy}")
        else:
            say(request, "The settings were saved. Test the connection to see whether they work.")
            return redirect("base_connection", base.pk)
    declared = connector.connection_settings
    context = {
        "base": base,
        "form": form,
        "title": connector.words.settings,
        "needed": [form[each.name] for each in declared if each.is_required],
        "others": [form[each.name] for each in declared if not each.is_required],
        "connection": kept,
        "state": state_of(kept).value,
        "crumbs": crumbs(
            ("Bases", "/bases/"), (base.name, f"/bases/{base.pk}/"), (f"{connector.label} settings", "")
        ),
    }
    return show(request, "bases/connection.html", context, section="bases")


@require_POST
@right("bases.connection")
def connection_try(request: HttpRequest, base_id: int) -> HttpResponse:
    """Test connection: asks for a token and makes one data call, and keeps what came of it."""
    base = base_for(request.user, base_id)
    connector = registry.reaching(base.mis)
    kept = connection_of(base, connector.mis)
    if kept is None:
        refuse(request, "There is nothing to test yet.", "Enter the four settings first.")
        return redirect("base_connection", base.pk)
    try:
        outcome = try_connection(base, mis=connector.mis)
    except UnusableSettingError as refusal:
        refuse(request, refusal.sentence, f"{refusal.remedy} See {SETTINGS_PAGE}.")
        return redirect("base_connection", base.pk)
    now = clock.now()
    with transaction.atomic():
        record_test(
            base.pk,
            mis=connector.mis,
            outcome=outcome.code,
            sentence=f"{outcome.sentence} {outcome.remedy}".strip()[:300],
            version=kept.version,
            by=user_id(request),
            now=now,
        )
        refresh_memberships(base_ids=[base.pk], now=now)
    if outcome.works:
        say(request, f"The connection of {base.name} works. {outcome.sentence}")
    else:
        refuse(request, outcome.sentence, outcome.remedy)
    return redirect("base_connection", base.pk)


@right("bases.connection")
def start(request: HttpRequest, base_id: int) -> HttpResponse:
    """The seed's check box of the MIS: what it means, and the confirmation. It can't be undone."""
    base = base_for(request.user, base_id)
    connector = registry.reaching(base.mis)
    kept = connection_of(base, connector.mis)
    form = StartForm(request.POST or None)
    if kept is not None and not registry.collects(base.mis) and form.is_valid():
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
                f"{base.name} is now a {connector.label} base. "
                "Run a snapshot next, so that nothing is missed.",
            )
            return redirect("base", base.pk)
    context = {
        "base": base,
        "form": form,
        "connection": kept,
        "state": state_of(kept).value,
        "reach_back": clock.today() - registry.reach_back(connector.mis),
        "crumbs": crumbs(("Bases", "/bases/"), (base.name, f"/bases/{base.pk}/"), (connector.label, "")),
    }
    return show(request, "bases/start.html", context, section="bases")


def settings_shown(kept: Kept | None) -> list[tuple[str, str]]:
    """A connection's settings by their labels; of what is secret, only that it is kept."""
    if kept is None or not registry.collects(kept.mis):
        return []
    declared = registry.of(kept.mis).connection_settings
    texts = [(each.label, kept.plain[each.name]) for each in declared if kept.plain.get(each.name)]
    secrets = [each.label for each in declared if each.name in kept.sealed]
    return [*texts, (listed(secrets), "kept, not shown")] if secrets else texts
