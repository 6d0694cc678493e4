"""A small sandbox of five schools, its clock in the test's hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from starlette.testclient import TestClient

from schoolgate_sandbox.app import make_app
from schoolgate_sandbox.clock import Clock
from schoolgate_sandbox.state import Options, Sandbox
from schoolgate_sandbox.store import World

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()


class Watch:
    """A clock that goes when it is told."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def make_world(*, seed: int = 8201, schools: int = 5, size: str = "small") -> World:
    return World(seed=seed, schools=schools, clock=Clock(today=TODAY, now=lambda: NOON), size=size)


class Caller:
    """Calls a sandbox as an integrator would, for one school."""

    def __init__(self, http: TestClient, sandbox: Sandbox, watch: Watch) -> None:
        self.http, self.sandbox, self.watch = http, sandbox, watch
        self.school = http.get("/control/schools").json()[0]

    def ask_token(self, **changed: str):
        school = self.school
        form = {
            "grant_type": "client_credentials",
            "client_id": school["client_id"],
            "client_secret": school["client_secret"],
            "scope": "simsserverapplication partner",
            "acr_values": f"orgselected:{school['organisation_id']}",
        }
        form = {name: value for name, value in (form | changed).items() if value}
        return self.http.post("/sts/connect/token", data=form)

    def headers(self) -> dict[str, str]:
        token = self.ask_token().json()["access_token"]
        return {
            "Authorization": f"Bearer {token}",
            "Ocp-Apim-Subscription-Key": self.school["subscription_key"],
        }

    def get(self, path: str, *, headers: dict[str, str] | None = None, **options: str):
        params = {f"${name}": value for name, value in options.items()}
        url = path if path.startswith("http") else f"/ssli01/{path}"
        return self.http.get(url, headers=headers or self.headers(), params=params or None)

    def rows(self, path: str, **options: str) -> list[dict]:
        """All pages of a list."""
        headers = self.headers()
        answer = self.get(path, headers=headers, **options).json()
        rows = answer["value"]
        while link := answer.get("@odata.nextLink"):
            answer = self.get(link, headers=headers).json()
            rows += answer["value"]
        return rows

    def control(self, path: str, **body):
        return self.http.post(f"/control/{path}", json=body)

    def fault(self, kind: str, **body):
        return self.control("faults", kind=kind, **body)

    def truth(self, dfe_number: str | None = None) -> dict[str, dict]:
        number = dfe_number or self.school["dfe_number"]
        pupils = self.http.get(f"/control/truth/{number}").json()["pupils"]
        return {pupil["external_id"]: pupil for pupil in pupils}


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def caller():
    watch = Watch()
    options = Options(schools=5, today=TODAY, size="small", calls_per_second=0, now=watch)
    sandbox = Sandbox(options)
    with TestClient(make_app(sandbox), base_url="http://127.0.0.1:8000") as http:
        yield Caller(http, sandbox, watch)
