"""How pages are written: Jinja2 with the GOV.UK macros, and the few names every template may use."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, PrefixLoader

from schoolgate.accounts.rights import may
from schoolgate.pages.words import FILTERS


def environment(*, loader: BaseLoader, **options: Any) -> Environment:
    """Django's Jinja2 environment: the rooms' `jinja2` folders first, then `govuk_frontend_jinja/…`.

    The macros of GOV.UK ask freely for parameters that were not given, so the undefined stays lenient.
    """
    macros = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    made = Environment(loader=ChoiceLoader([loader, macros]), **options)  # noqa: S701 - Django passes autoescape
    made.globals.update(url=url, static=static, get_messages=get_messages, may=may)
    made.filters.update(FILTERS)
    made.policies["json.dumps_kwargs"] = {"sort_keys": False}
    return made


@lru_cache(maxsize=10_000)
def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The path of a named page; remembered, since a list asks for hundreds."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def installation(request: HttpRequest) -> dict[str, object]:
    """What every page may say of this installation: whether it is a demo (the banner)."""
    return {"is_demo": settings.IS_DEMO, "path": request.path}
