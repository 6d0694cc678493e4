"""Bases: the list, a base's page, and editing its facts."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from schoolgate.accounts.rights import Right, may
from schoolgate.accounts.scopes import EVERYTHING, scope_of
from schoolgate.authority.queries import buffer
from schoolgate.bases.access import base_for, bases_for, search_for
from schoolgate.bases.actions import create_base, edit_base
from schoolgate.bases.queries import state_of
from schoolgate.bases.rules import RefusedError
from schoolgate.console.bases.connecting import settings_shown
from schoolgate.console.bases.forms import BaseFilter, BaseForm, EditBaseForm
from schoolgate.console.screen import crumbs, refuse, say, show, user_id
from schoolgate.console.today.board import board
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.runs.access import freshness_for, last_runs_for, standing_for
from schoolgate.tasks.access import memberships_at_for
from schoolgate.tasks.actions import refresh_memberships


@right("bases.view")
def bases(request: HttpRequest) -> HttpResponse:
    """The list with its search; active bases unless asked otherwise."""
    form = BaseFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    status = asked.get("status") or "active"
    found = search_for(
        request.user,
        text=asked.get("q", ""),
        mis=asked.get("mis", ""),
        is_active=None if status == "all" else status == "active",
        connection=asked.get("connection", ""),
    )
    page = listing(found, query=request.GET)
    shown = [each.pk for each in page.rows]
    stands = standing_for(request.user, now=clock.now(), buffer=buffer(), base_ids=shown)
    active = {each.pk for each in page.rows if each.is_active}
    context = {
        "form": form,
        "listing": page,
        "standing": stands,
        "need": len(stands.need_you & active),
        "silent": len(stands.silent & active),
        "is_filtered": any(asked.get(name) for name in ("q", "mis", "connection")) or status != "active",
        "state_of": state_of,
        "may_add": scope_of(request.user, Right.BASES_EDIT) == EVERYTHING,
        "has_any": bases_for(request.user).exists(),
    }
    return show(request, "bases/list.html", context, section="bases")


@right("bases.view")
def base(request: HttpRequest, base_id: int) -> HttpResponse:
    """A base: what it is, how it is reached, its tasks, its last runs, how fresh each data group is."""
    found = base_for(request.user, base_id)
    connection = found.connection
    now, late = clock.now(), buffer()
    stands = standing_for(request.user, now=now, buffer=late, base_ids=[found.pk])
    context = {
        "standing": stands,
        "board": board(
            request.user,
            {found.pk: found.name},
            silent_since={base_id: stands.landed_at[base_id] for base_id in stands.silent},
            now=now,
            buffer=late,
            is_log_open=may(request.user, Right.LOG_VIEW),
        ),
        "base": found,
        "connection": connection,
        "settings": settings_shown(connection),
        "state": state_of(connection).value,
        "memberships": list(memberships_at_for(request.user, found.pk)),
        "runs": last_runs_for(request.user, found.pk),
        "freshness": freshness_for(request.user, found.pk),
        "crumbs": crumbs(("Bases", "/bases/"), (found.name, "")),
    }
    return show(request, "bases/base.html", context, section="bases")


@right("bases.edit")
def base_new(request: HttpRequest) -> HttpResponse:
    """Adds a base; only for people who see every base, for others would not see what they added."""
    if scope_of(request.user, Right.BASES_EDIT).is_limited:
        refuse(
            request,
            "You look after some bases only, so you can't add one.",
            "Ask somebody who looks after all of them.",
        )
        return redirect("bases")
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
