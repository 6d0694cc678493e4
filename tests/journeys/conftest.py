"""A browser, a Monday morning to look at, and somebody signed in."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.cast import NOW, administrator, authority, officer, person, reader
from tests.journeys.scenery import Scenery, build

from schoolgate.accounts.models import Role
from schoolgate.config.settings import SESSION_COOKIE_NAME
from schoolgate.files.models import FileContent, TransferFile
from schoolgate.lib import clock

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, or the one whose path SCHOOLGATE_CHROMIUM names."""
    named = os.environ.get("SCHOOLGATE_TEST_CHROMIUM") or next(
        (path for path in CHROMIUM if Path(path).exists()), None
    )
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=named, args=arguments)
        yield made
        made.close()


@pytest.fixture
def scenery(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Scenery:
    """The invented Monday, at half past eight."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return build(now=NOW)


def _signed_in(browser: Browser, live_server: Any, user: Any, **options: Any) -> BrowserContext:
    client = Client()
    client.force_login(user)
    context = browser.new_context(
        base_url=live_server.url, reduced_motion="reduce", locale="en-GB", **options
    )
    cookie = client.cookies[SESSION_COOKIE_NAME]
    context.add_cookies([{"name": SESSION_COOKIE_NAME, "value": cookie.value, "url": live_server.url}])
    return context


@pytest.fixture
def desk(browser: Browser, live_server: Any, scenery: Scenery) -> Iterator[Page]:
    """The administrator at a desk, 1280 px wide."""
    context = _signed_in(browser, live_server, administrator(), viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(browser: Browser, live_server: Any, scenery: Scenery) -> Iterator[Page]:
    """The administrator with a phone, 375 px wide."""
    context = _signed_in(browser, live_server, administrator(), viewport={"width": 375, "height": 720})
    yield context.new_page()
    context.close()


@pytest.fixture
def readers_page(browser: Browser, live_server: Any, scenery: Scenery) -> Iterator[Page]:
    """Somebody who may read the register and nothing else."""
    context = _signed_in(browser, live_server, reader(), viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture
def without_script(browser: Browser, live_server: Any, scenery: Scenery) -> Iterator[Page]:
    """An officer whose browser runs no script."""
    context = _signed_in(
        browser, live_server, officer(), viewport={"width": 1280, "height": 800}, java_script_enabled=False
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def stranger_page(browser: Browser, live_server: Any, transactional_db: None) -> Iterator[Page]:
    """Nobody signed in; the administrator has a demo account."""
    authority()
    person("Amir Haddad", Role.ADMINISTRATOR, is_demo=True)
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce", locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.fixture
def empty_desk(browser: Browser, live_server: Any, transactional_db: None) -> Iterator[Page]:
    """The administrator on the first day, before there is any base."""
    authority()
    context = _signed_in(browser, live_server, administrator(), viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture
def file_body(scenery: Scenery) -> None:
    """The bytes of the scenery's one file."""
    file = TransferFile.objects.get()
    FileContent.objects.create(file=file, body=gzip.compress(b"<Message/>"))
