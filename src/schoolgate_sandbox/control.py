"""The control endpoint: for demonstrations and tests, never a part of the source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from schoolgate_sandbox import odata, terms
from schoolgate_sandbox.advance import advance
from schoolgate_sandbox.api import as_json
from schoolgate_sandbox.codes import MARK_BYTE
from schoolgate_sandbox.faults import UnknownFaultError
from schoolgate_sandbox.marking import change_mark
from schoolgate_sandbox.people import CURRENT, Pupil, Row
from schoolgate_sandbox.state import Sandbox
from schoolgate_sandbox.store import Roll
from schoolgate_sandbox.tracking import LEARNER_DOMAINS, row_id
from schoolgate_sandbox.truth import truth_of

Json = dict[str, Any]


class UnknownError(Exception):
    """The control endpoint was asked about something that isn't there."""


class Control:
    """Answers the control calls of one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._world = sandbox.world

    async def health(self, _: Request) -> Response:
        """GET /control/health."""
        today = self._world.clock.today.isoformat()
        return as_json({"ok": True, "today": today, "schools": len(self._world.schools)})

    async def schools(self, _: Request) -> Response:
        """GET /control/schools: facts and credentials."""
        return as_json([self._school(number) for number in self._world.by_dfe])

    def _school(self, dfe_number: str) -> Json:
        school = self._world.by_dfe[dfe_number]
        roll = self._world.rolls.get(school.index)
        return {
            "dfe_number": school.dfe_number,
            "urn": school.urn,
            "name": school.name,
            "phase": school.phase,
            "years": list(school.years),
            "moved_at": terms.iso(school.moved_at),
            "organisation_id": school.organisation_id,
            "client_id": school.client_id,
            "client_secret": school.client_secret,
            "subscription_key": self._sandbox.subscription_key,
            "pupils": len(roll.current()) if roll else school.pupils,
            "address": school.address,
            "email": school.email,
            "head": school.head,
        }

    async def truth(self, request: Request) -> Response:
        """GET /control/truth/{dfe_number}[?since=instant for the marks]."""
        since = request.query_params.get("since")
        roll = self._roll(request.path_params)
        return as_json(truth_of(roll, since=odata.parse_instant(since) if since else None))

    async def warm(self, request: Request) -> Response:
        """POST /control/warm: fill a school (or all) and encode its rows before a measurement."""
        wanted = (await _body(request)).get("dfe_number")
        rolls = [
            self._world.roll(school) for school in self._world.schools if wanted in {None, school.dfe_number}
        ]
        for roll in rolls:
            for domain in LEARNER_DOMAINS:
                self._sandbox.rows.of(roll, domain)
        return as_json({"schools": len(rolls), "pupils": sum(len(roll.current()) for roll in rolls)})

    async def advance(self, request: Request) -> Response:
        """POST /control/advance {days}: the log of what changed."""
        days = int((await _body(request)).get("days", 1))
        changes = advance(self._world, days=days)
        return as_json({"today": self._world.clock.today.isoformat(), "changes": changes})

    async def changes(self, request: Request) -> Response:
        """GET /control/changes?since=instant."""
        since = request.query_params.get("since")
        return as_json(self._world.log.since(odata.parse_instant(since) if since else 0.0))

    async def settings(self, request: Request) -> Response:
        """POST /control/settings: change some; GET: show all."""
        sandbox, wanted = self._sandbox, await _body(request) if request.method == "POST" else {}
        if "calls_per_second" in wanted:
            sandbox.throttle.calls_per_second = float(wanted["calls_per_second"])
        if "expires_in" in wanted:
            sandbox.tokens.expires_in = int(wanted["expires_in"])
        settings = sandbox.settings
        settings.page_size = max(1, min(1000, int(wanted.get("page_size", settings.page_size))))
        settings.changes_off = set(wanted.get("changes_off", settings.changes_off))
        settings.latency_ms = float(wanted.get("latency_ms", settings.latency_ms))
        settings.count = bool(wanted.get("count", settings.count))
        return as_json(
            {
                "calls_per_second": sandbox.throttle.calls_per_second,
                "expires_in": sandbox.tokens.expires_in,
                "page_size": settings.page_size,
                "changes_off": sorted(settings.changes_off),
                "latency_ms": settings.latency_ms,
                "count": settings.count,
            }
        )

    async def faults(self, request: Request) -> Response:
        """POST, GET and DELETE /control/faults."""
        if request.method == "POST":
            try:
                return as_json({"id": self._sandbox.faults.add(await _body(request)).id})
            except UnknownFaultError as problem:
                return as_json({"message": str(problem)}, status=400)
        if request.method == "DELETE":
            self._sandbox.faults.clear()
        return as_json(self._sandbox.faults.all())

    async def grant(self, request: Request) -> Response:
        """POST /control/grant {dfe_number, domain, granted}."""
        wanted = await _body(request)
        pair = (self._roll(wanted).school.dfe_number, str(wanted["domain"]))
        if wanted.get("granted", True):
            self._sandbox.denied.discard(pair)
        else:
            self._sandbox.denied.add(pair)
        return as_json(wanted)

    async def switch(self, request: Request) -> Response:
        """POST /control/switch {dfe_number, on}: the school's data exchange."""
        wanted = await _body(request)
        number = self._roll(wanted).school.dfe_number
        if wanted.get("on", True):
            self._sandbox.switched_off.discard(number)
        else:
            self._sandbox.switched_off.add(number)
        return as_json(wanted)

    async def calls(self, _: Request) -> Response:
        """GET /control/calls: how many, how many refused, by second, by domain."""
        return as_json(self._sandbox.throttle.tally())

    async def edit(self, request: Request) -> Response:
        """POST /control/edit: change, add (row null) or remove (remove true) one row."""
        wanted = await _body(request)
        pupil, domain = self._pupil(wanted), str(wanted["domain"])
        if domain not in LEARNER_DOMAINS[1:]:
            raise UnknownError(f"{domain} has no rows to edit")
        items: Json = wanted.get("items", {})
        if wanted.get("row", 0) is None:
            self._world.add_row(pupil, domain, items)
        elif wanted.get("remove"):
            self._world.drop_row(pupil, domain, self._row(pupil, domain, wanted.get("row", 0)))
        else:
            self._world.amend(pupil, domain, self._row(pupil, domain, wanted.get("row", 0)), items)
        return as_json({"changes": self._world.log.close()})

    async def mark(self, request: Request) -> Response:
        """POST /control/mark {dfe_number, external_id, date, session, code}; code null deletes."""
        wanted = await _body(request)
        pupil, day = self._pupil(wanted), date.fromisoformat(str(wanted["date"]))
        code = wanted.get("code")
        if code is not None and code not in MARK_BYTE:
            raise UnknownError(f"{code} is not an attendance code")
        roll = self._world.roll(pupil.school)
        if day > self._world.clock.today or not pupil.school.is_open(day.toordinal()):
            raise UnknownError(f"{day} is not a school day that has come")
        place = day.toordinal() * 2 + terms.SESSIONS.index(str(wanted["session"]))
        change_mark(self._world, roll, pupil, place, MARK_BYTE[code] if code else 0)
        return as_json({"changes": self._world.log.close()})

    async def leave(self, request: Request) -> Response:
        """POST /control/leave {dfe_number, external_id, on, reason}: a dated leaver."""
        wanted = await _body(request)
        pupil = self._pupil(wanted)
        if pupil.state != CURRENT:
            raise UnknownError("the pupil is not on roll")
        on = date.fromisoformat(str(wanted.get("on", self._world.clock.today.isoformat())))
        self._world.leave(pupil, on=on, reason=str(wanted.get("reason", "IM")))
        return as_json({"changes": self._world.log.close()})

    def _roll(self, wanted: Mapping[str, Any]) -> Roll:
        school = self._world.by_dfe.get(str(wanted.get("dfe_number")))
        if school is None:
            raise UnknownError("no school of that DfE number")
        return self._world.roll(school)

    def _pupil(self, wanted: Mapping[str, Any]) -> Pupil:
        roll = self._roll(wanted)
        # Children on two rolls have their other place at a neighbour, which has to exist by now.
        for step in (-1, 1):
            self._world.roll(self._world.schools[(roll.school.index + step) % len(self._world.schools)])
        pupil = roll.by_id.get(str(wanted.get("external_id")))
        if pupil is None:
            raise UnknownError("no pupil of that external id at that school")
        return pupil

    def _row(self, pupil: Pupil, domain: str, wanted: int | str) -> Row:
        """Find a row by its place or its external id."""
        rows = pupil.rows(domain)
        if isinstance(wanted, int):
            if wanted < len(rows):
                return rows[wanted]
        else:
            for row in rows:
                if row_id(self._world.ids, pupil, domain, row) == wanted:
                    return row
        raise UnknownError("no such row")


async def _body(request: Request) -> Json:
    body = await request.body()
    decoded: Json = msgspec.json.decode(body) if body else {}
    return decoded
