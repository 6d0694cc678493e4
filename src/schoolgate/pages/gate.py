"""Who may open a page: every view declares one right, and the declaration is what is enforced.

A test walks the addresses and reads ``view.right``; a view without one fails it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from schoolgate.accounts.rights import Right, may

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


class Guarded(Protocol[Rest]):
    """A view that says which right opens it."""

    right: str

    def __call__(
        self, request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs
    ) -> HttpResponseBase: ...


def right(name: str) -> Callable[[View[Rest]], Guarded[Rest]]:
    """Opens the view to people who are signed in and hold the right; others sign in, or are told no.

    A name that is no right of ``accounts.rights`` stops the start.
    """
    asked = Right(name)

    def guard(view: View[Rest]) -> Guarded[Rest]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not may(request.user, asked):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        found = cast("Guarded[Rest]", guarded)
        found.right = name
        return found

    return guard
