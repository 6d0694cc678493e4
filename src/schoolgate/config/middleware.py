"""What every answer carries: a strict content security policy and the headers that go with it.

No script and no style stands inside a page; both come as files from this server. So a name with a script
in it, however it got into the register, stays a name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypedDict
from urllib.parse import urlsplit

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from psycopg.errors import LockNotAvailable

from schoolgate.accounts.rules import may_sign_in_at_all, may_sign_in_without_second_factor
from schoolgate.lib import disks
from schoolgate.lib.unreadable import made_readable

log = logging.getLogger(__name__)
Answer = Callable[[HttpRequest], HttpResponseBase]

SECOND_FACTOR_KEY = "has_second_factor"
SECOND_FACTOR_PAGE = "mfa_activate_totp"
BUSY, NO_ROOM = 503, 507
OPEN_PATHS = ("/accounts/", "/static/", "/health")


def content_security_policy(*, sign_in_server: str = "") -> str:
    """The policy as one header line; forms may also go to the single sign-on server, if there is one."""
    form_targets = "'self'"
    if sign_in_server:
        parts = urlsplit(sign_in_server)
        form_targets += f" {parts.scheme}://{parts.netloc}"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            f"form-action {form_targets}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def security_headers(get_response: Answer) -> Answer:
    """Adds the policy; pages about children are never kept by a browser or a proxy."""
    policy = content_security_policy(sign_in_server=settings.OIDC_SERVER_URL)

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


def readable_questions(get_response: Answer) -> Answer:
    """Puts a sign for "unreadable" where an address or a cookie holds what no text can (``lib.unreadable``).

    So a question with a NUL in it finds nothing, wherever it is asked, and no page needs to think of it. What
    is sent to be kept stays as it came: forms refuse it beside its field.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        asked = QueryDict(mutable=True, encoding=request.GET.encoding)
        for name, values in request.GET.lists():
            asked.setlist(made_readable(name), [made_readable(value) for value in values])
        asked._mutable = False  # noqa: SLF001 - Django has no other way to close it
        request.GET = asked  # type: ignore[assignment]
        request.COOKIES = {name: made_readable(value) for name, value in request.COOKIES.items()}
        return get_response(request)

    return answer


def second_factor_required(get_response: Answer) -> Answer:
    """Sends a person without a second factor to set one up first, and a demo's account away from elsewhere.

    Not on a demo's own machine, and not after single sign-on, whose server asks for its own second factor.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated and not request.path.startswith(OPEN_PATHS):
            if not may_sign_in_at_all(is_demo_account=request.user.is_demo, **_circumstances(request)):
                logout(request)
                return redirect(settings.LOGIN_URL)
            if _must_set_up(request):
                return redirect(SECOND_FACTOR_PAGE)
        return get_response(request)

    return answer


class Circumstances(TypedDict):
    """Where a request comes from, in the words of `accounts.rules`."""

    is_demo_mode: bool
    remote_address: str
    forwarded_for: str


def _circumstances(request: HttpRequest) -> Circumstances:
    return {
        "is_demo_mode": settings.IS_DEMO,
        "remote_address": request.META.get("REMOTE_ADDR", ""),
        "forwarded_for": request.META.get("HTTP_X_FORWARDED_FOR", ""),
    }


def _must_set_up(request: HttpRequest) -> bool:
    # Whoever was added to a demo belongs to it.
    if may_sign_in_without_second_factor(is_demo_account=settings.IS_DEMO, **_circumstances(request)):
        return False
    if request.session.get(SECOND_FACTOR_KEY) or _came_by_single_sign_on(request):
        return False
    if is_mfa_enabled(request.user):
        request.session[SECOND_FACTOR_KEY] = True
        return False
    return True


def _came_by_single_sign_on(request: HttpRequest) -> bool:
    methods = request.session.get("account_authentication_methods", [])
    return any(method.get("method") == "socialaccount" for method in methods)


class PlainNotice:
    """Says so plainly where a page waited in vain for rows that another is writing, or the disk is full."""

    def __init__(self, get_response: Answer) -> None:
        """``get_response`` answers the request."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Passes the request on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Nothing was changed: the view's transaction has been rolled back."""
        if isinstance(error, OperationalError) and isinstance(error.__cause__, LockNotAvailable):
            answer = render(request, "503_busy.html", status=BUSY)
            answer.headers["Retry-After"] = "5"
            return answer
        if disks.is_full(error):
            log.error("config.disk.full")
            return render(request, "507_full.html", status=NO_ROOM)
        return None
