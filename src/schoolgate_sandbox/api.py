"""The pretend SIMS Primary API: checks the caller, finds the rows, sends a page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from schoolgate_sandbox import odata, records
from schoolgate_sandbox.faults import FOREIGN_ORIGIN, Fault, bent_page
from schoolgate_sandbox.odata import BadQueryError, Listing, Query
from schoolgate_sandbox.schools import School
from schoolgate_sandbox.state import Sandbox
from schoolgate_sandbox.store import Roll
from schoolgate_sandbox.tokens import BadTokenError, TokenRefusedError
from schoolgate_sandbox.tracking import LEARNER_DOMAINS

_CHANGES = re.compile(r"(\w+)/SIMS\.Changes\(startDate='?([^')]*)'?\)")
_MEMBERS = re.compile(
    r"LearnerGroups?\(ExternalID=([0-9a-fA-F-]{36}),GroupType=SIMS\.GroupTypeEnum'(\w+)'\)/(\w+)"
)
_JSON = "application/json; odata.metadata=minimal"
SERVICES = dict.fromkeys((*LEARNER_DOMAINS, "LearnerGroups"), "Learner") | {
    "StatutoryAttendanceSessions": "Attendance",
    "AttendanceRecords": "Attendance",
}
LOOKUPS = ("AttendanceCode", "StatutoryAttendanceCode")
_KEPT_LISTINGS = 16


class RefusedError(Exception):
    """The API says no, with a status and a body."""

    def __init__(self, status: int, message: str, *, has_status: bool = True) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = ({"statusCode": status} if has_status else {}) | {"message": message}


def as_json(body: Any, *, status: int = 200) -> Response:
    """Answer with a body as JSON."""
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json")


class Api:
    """Answers the token service's and the API's calls of one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._kept: dict[tuple[Any, ...], Listing] = {}

    async def token(self, request: Request) -> Response:
        """POST /sts/connect/token."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        struck = self._sandbox.faults.strike("Token", "") if "Token" in self._domains_at_fault() else {}
        await self._wait(struck)
        if "server_error" in struck:
            return as_json({"error": "server_error"}, status=500)
        try:
            return as_json(self._sandbox.tokens.issue(form, request.headers.get("Authorization")))
        except TokenRefusedError as refusal:
            return as_json(refusal.body, status=400)

    def _domains_at_fault(self) -> set[str]:
        """Token faults have to name the domain Token: others mean data calls."""
        return {fault["domain"] for fault in self._sandbox.faults.all()}

    async def domain(self, request: Request) -> Response:
        """GET /ssli01/{service}/{version}/{path}."""
        path = request.path_params["path"]
        name = _domain_of(path)
        return await self._answer(request, name, lambda roll, query: self._find(request, path, roll, query))

    async def lookup(self, request: Request) -> Response:
        """GET /ssli01/V1/Lookup/Attendance/{lookup}."""
        name = request.path_params["lookup"]
        return await self._answer(request, name, lambda roll, _: self._lookup(name, roll))

    async def _answer(
        self, request: Request, domain: str, find: Callable[[Roll, Query], Listing]
    ) -> Response:
        self._sandbox.throttle.by_domain[domain] += 1
        try:
            school = self._caller(request, domain)
            struck = self._sandbox.faults.strike(domain, school.dfe_number)
            await self._wait(struck)
            _refuse(struck)
            if "content_type" in struck:
                return Response(
                    "<html><body><h1>Service unavailable</h1></body></html>", media_type="text/html"
                )
            query = odata.parse_query(request.query_params)
            listing = self._listing(request, school, query, find)
            body = self._page(request, domain, query, listing, struck)
        except RefusedError as refusal:
            return as_json(refusal.body, status=refusal.status)
        except BadQueryError as problem:
            return as_json({"statusCode": 400, "message": str(problem)}, status=400)
        if "truncated" in struck:
            body = body[: len(body) // 2]
        return Response(body, media_type=_JSON)

    def _caller(self, request: Request, domain: str) -> School:
        """Check key, rate, token, switch, domain and grant, in the order of a gateway."""
        sandbox = self._sandbox
        key = request.headers.get("Ocp-Apim-Subscription-Key")
        if key != sandbox.subscription_key:
            word = "missing" if key is None else "invalid"
            raise RefusedError(401, f"Access denied due to {word} subscription key. Use a valid key.")
        if not sandbox.throttle.admit(key):
            raise RefusedError(429, "Rate limit is exceeded. Try again in 2 seconds.")
        try:
            school = sandbox.tokens.school_of(request.headers.get("Authorization"))
        except BadTokenError as problem:
            raise RefusedError(401, str(problem)) from problem
        if school.dfe_number in sandbox.switched_off:
            raise RefusedError(403, "Data exchange is switched off for this organisation", has_status=False)
        if domain not in SERVICES and domain not in LOOKUPS:
            raise RefusedError(404, "Resource not found.")
        if (school.dfe_number, domain) in sandbox.denied:
            raise RefusedError(403, f"The application is not permitted to read {domain}.")
        return school

    async def _wait(self, struck: dict[str, Fault]) -> None:
        seconds = self._sandbox.settings.latency_ms / 1000
        seconds += sum(struck[kind].seconds for kind in ("latency", "hang") if kind in struck)
        if seconds:
            await asyncio.sleep(seconds)

    def _listing(
        self, request: Request, school: School, query: Query, find: Callable[[Roll, Query], Listing]
    ) -> Listing:
        """Find the rows of a call once for all its pages, as long as nothing changes."""
        roll = self._sandbox.world.roll(school)
        today = self._sandbox.world.clock.today
        key = (school.index, request.url.path, query.filter, roll.version, today)
        listing = self._kept.pop(key, None)
        if listing is None:
            listing = find(roll, query)
            if query.terms:
                listing = odata.sift(listing[0 : len(listing)], query)
        self._kept[key] = listing
        while len(self._kept) > _KEPT_LISTINGS:
            del self._kept[next(iter(self._kept))]
        return listing

    def _find(self, request: Request, path: str, roll: Roll, query: Query) -> Listing:
        """Find the rows a path of the API names."""
        service, version = request.path_params["service"], request.path_params["version"]
        if SERVICES.get(_domain_of(path), "") != service or version.upper() != "V3":
            raise RefusedError(404, "Resource not found.")
        if members := _MEMBERS.fullmatch(path):
            return self._members(roll, *members.groups())
        if changes := _CHANGES.fullmatch(path):
            return self._changes(roll, *changes.groups())
        if path not in SERVICES:
            raise RefusedError(404, "Resource not found.")
        if path == "LearnerGroups":
            return self._sandbox.rows.groups(roll)
        if path == "AttendanceRecords":
            odata.check_range(query, is_needed=True)
            return records.find_records(
                self._sandbox.world, roll, first=query.first or 0.0, until=query.until or 0.0
            )
        if path == "StatutoryAttendanceSessions":
            odata.check_range(query, is_needed=False)
            return records.sessions(self._sandbox.world, roll, first=query.first, until=query.until)
        return self._sandbox.rows.of(roll, path)

    def _members(self, roll: Roll, group: str, kind: str, domain: str) -> Listing:
        if domain not in LEARNER_DOMAINS[:2] or kind not in {"YearGroup", "PrimaryClass"}:
            raise RefusedError(404, "Resource not found.")
        return self._sandbox.rows.members(roll, domain, group.lower())

    def _changes(self, roll: Roll, domain: str, start: str) -> Listing:
        since = odata.parse_instant(start)
        if domain == "AttendanceRecords":
            return records.changed_records(self._sandbox.world, roll, since=since)
        if domain not in LEARNER_DOMAINS or domain in self._sandbox.settings.changes_off:
            raise RefusedError(404, "Resource not found.")
        return self._sandbox.rows.changes(roll, domain, since=since)

    def _lookup(self, name: str, roll: Roll) -> Listing:
        if name == "AttendanceCode":
            return records.code_lookup(self._sandbox.world, roll)
        return records.statutory_lookup(self._sandbox.world)

    def _page(
        self, request: Request, domain: str, query: Query, listing: Listing, struck: dict[str, Fault]
    ) -> bytes:
        size = self._sandbox.settings.page_size
        total = len(listing)
        wanted = total - query.skip if query.top is None else min(query.top, total - query.skip)
        stop = query.skip + max(0, min(size, wanted))
        rows = listing[query.skip : stop]
        before = listing[max(0, query.skip - size) : query.skip] if "repeat_rows" in struck else []
        rows, back = bent_page(rows, before, struck, is_last=wanted <= size)
        link = None
        if wanted > size and "empty_roll" not in struck:
            rest = None if query.top is None else query.top - size + back
            link = odata.next_link(_address(request), request.query_params, skip=stop - back, top=rest)
        if "foreign_link" in struck:
            link = f"{FOREIGN_ORIGIN}{request.url.path}?$skip={stop}"
        if query.select:
            rows = odata.project(rows, query.select)
        service = SERVICES.get(domain, "Lookup")
        counted = 0 if "empty_roll" in struck else total
        shown = counted if query.has_count and self._sandbox.settings.count else None
        return odata.Page(odata.CONTEXT.format(service=service, domain=domain), rows, link, shown).encode()


def _domain_of(path: str) -> str:
    """Name the domain a path asks for; members count as the domain of their rows."""
    return path.rsplit("/", 1)[-1] if _MEMBERS.fullmatch(path) else re.split(r"[/(]", path, maxsplit=1)[0]


def _address(request: Request) -> str:
    return str(request.url.replace(query="", fragment=""))


def _refuse(struck: dict[str, Fault]) -> None:
    """Answer with the fault that replaces the answer, if one struck."""
    if "unauthorised" in struck:
        raise RefusedError(401, "The access token is not valid.")
    if "throttle" in struck:
        seconds = max(1, round(struck["throttle"].seconds))
        raise RefusedError(429, f"Rate limit is exceeded. Try again in {seconds} seconds.")
    if "server_error" in struck:
        raise RefusedError(500, "Internal server error.")
