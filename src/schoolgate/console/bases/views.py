"""Bases: the list, a base's page, and editing its facts."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from schoolgate.accounts.rights import Right, may
from schoolgate.authority.models import Authority
from schoolgate.bases import queries as base_queries
from schoolgate.bases.access import base_for, bases_for
from schoolgate.bases.actions import create_base, edit_base
from schoolgate.bases.models import Base
from schoolgate.bases.rules import RefusedError
from schoolgate.console.bases.connecting import settings_shown
from schoolgate.console.bases.forms import BaseFilter, BaseForm, EditBaseForm
from schoolgate.console.bases.queries import freshness, last_runs
from schoolgate.console.screen import crumbs, say, show, user_id
from schoolgate.console.today.board import board
from schoolgate.console.today.standing import buffer_of, standing
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.tasks.actions import refresh_memberships
from schoolgate.tasks.models import Membership


@right("bases.view")
def bases(request: HttpRequest) -> HttpResponse:
    """The list with its search; active bases unless asked otherwise."""
    form = BaseFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    status = asked.get("status") or "active"
    found = base_queries.search(
        text=asked.get("q", ""),
        mis=asked.get("mis", ""),
        is_active=None if status == "all" else status == "active",
        connection=asked.get("connection", ""),
    )
    found = found.filter(pk__in=bases_for(request.user).values("pk"))
    page = listing(found, query=request.GET)
    buffer = buffer_of(Authority.objects.first())
    stands = standing(now=clock.now(), buffer=buffer, base_ids=[each.pk for each in page.rows])
    active = {each.pk for each in page.rows if each.is_active}
    context = {
        "form": form,
        "listing": page,
        "standing": stands,
        "need": len(stands.need_you & active),
        "silent": len(stands.silent & active),
        "is_filtered": any(asked.get(name) for name in ("q", "mis", "connection")) or status != "active",
        "state_of": base_queries.state_of,
        "has_any": Base.objects.exists(),
    }
    return show(request, "bases/list.html", context, section="bases")


@right("bases.view")
def base(request: HttpRequest, base_id: int) -> HttpResponse:
    """A base: what it is, how it is reached, its tasks, its last runs, how fresh each data group is."""
    found = base_for(request.user, base_id)
    connection = found.connection
    memberships = Membership.objects.filter(base=found, task__is_active=True).select_related("task")
    now, buffer = clock.now(), buffer_of(Authority.objects.first())
    stands = standing(now=now, buffer=buffer, base_ids=[found.pk])
    context = {
        "standing": stands,
        "board": board(
            {found.pk: found.name},
            silent_since={base_id: stands.landed_at[base_id] for base_id in stands.silent},
            now=now,
            buffer=buffer,
            is_log_open=may(request.user, Right.LOG_VIEW),
        ),
        "base": found,
        "connection": connection,
        "settings": settings_shown(connection),
        "state": base_queries.state_of(connection).value,
        "memberships": list(memberships.order_by("next_due_at", Lower("task__name"))),
        "runs": last_runs(found.pk),
        "freshness": freshness(found.pk),
        "crumbs": crumbs(("Bases", "/bases/"), (found.name, "")),
    }
    return show(request, "bases/base.html", context, section="bases")


@right("bases.edit")
def base_new(request: HttpRequest) -> HttpResponse:
    """Adds a base."""
    form = BaseForm(request.POST or None)
    if form.is_valid():
        try:
            made = create_base(**form.cleaned_data, by=user_id(request), now=clock.now())
        except RefusedError as refusal:
            _tell(form, refusal)
        else:
            say(request, f"{made.name} was added. Next: its SIMS Primary settings.")
            return redirect("base", made.pk)
    context = {"form": form, "base": None, "crumbs": crumbs(("Bases", "/bases/"), ("Add a base", ""))}
    return show(request, "bases/edit.html", context, section="bases")


@right("bases.edit")
def base_edit(request: HttpRequest, base_id: int) -> HttpResponse:
    """Edit Base: its facts, and the ways to its settings and to SIMS Primary."""
    found = base_for(request.user, base_id)
    initial = {name: getattr(found, name) for name in EditBaseForm.base_fields}
    form = EditBaseForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            with transaction.atomic():
                edit_base(found.pk, by=user_id(request), now=clock.now(), **form.cleaned_data)
                refresh_memberships(base_ids=[found.pk], now=clock.now())
        except RefusedError as refusal:
            _tell(form, refusal)
        else:
            say(request, "The base was saved.")
            return redirect("base", found.pk)
    context: dict[str, Any] = {
        "form": form,
        "base": found,
        "has_connection": found.connection is not None,
        "crumbs": crumbs(("Bases", "/bases/"), (found.name, f"/bases/{found.pk}/"), ("Edit base", "")),
    }
    return show(request, "bases/edit.html", context, section="bases")


def _tell(form: BaseForm, refusal: RefusedError) -> None:
    """Puts a refusal beside the field it is about."""
    about = {"bases.urn": "urn"}.get(refusal.code, "dfe_number")
    form.add_error(about, f"{refusal.sentence} {refusal.remedy}")
