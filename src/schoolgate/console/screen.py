"""How every page of the console is shown: with the authority's name, the time it is and where one is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from schoolgate.authority.queries import served
from schoolgate.console import words
from schoolgate.lib import clock

Crumbs = list[dict[str, str]]


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, section: str = "", status: int = 200
) -> HttpResponse:
    """The page. ``section`` names the place in the navigation; templates find the time as ``now``
    and the words for codes as ``say``.
    """
    shared = {"now": clock.now(), "say": words, "authority": served(), "section": section}
    return render(request, f"console/{template}", shared | context, status=status)


def show_part(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A piece of a page, asked for by htmx."""
    return render(request, f"console/{template}", {"now": clock.now(), "say": words} | context)


def user_id(request: HttpRequest) -> int:
    """Who is doing this, as the audit keeps it; views behind a right have somebody signed in."""
    if request.user.pk is None:
        raise TypeError("nobody is signed in")
    return int(request.user.pk)


def say(request: HttpRequest, sentence: str) -> None:
    """Tells what was done, at the top of the next page."""
    messages.success(request, sentence)


def refuse(request: HttpRequest, sentence: str, remedy: str = "") -> None:
    """Tells what was not done and what to do instead, at the top of the next page."""
    messages.error(request, f"{sentence} {remedy}".strip())


def crumbs(*steps: tuple[str, str]) -> Crumbs:
    """The way here: text and address, from the outermost."""
    return [{"text": text, "href": href} if href else {"text": text} for text, href in steps]
