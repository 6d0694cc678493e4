"""The sandbox as one web application: /sts, /ssli01 and /control on one port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schoolgate_sandbox.api import Api, as_json
from schoolgate_sandbox.control import Control, UnknownError
from schoolgate_sandbox.odata import BadQueryError
from schoolgate_sandbox.state import Sandbox

Answer = Callable[[Request], Awaitable[Response]]


def make_app(sandbox: Sandbox) -> Starlette:
    """Give the application of a sandbox."""
    return Starlette(routes=[*_source(Api(sandbox)), *_control(Control(sandbox))])


def _source(api: Api) -> list[BaseRoute]:
    return [
        Route("/sts/connect/token", api.token, methods=["POST"]),
        Route("/ssli01/V1/Lookup/Attendance/{lookup}", api.lookup),
        Route("/ssli01/{service}/{version}/{path:path}", api.domain),
    ]


def _control(control: Control) -> list[BaseRoute]:
    gets = {
        "health": control.health,
        "schools": control.schools,
        "truth/{dfe_number}": control.truth,
        "changes": control.changes,
        "settings": control.settings,
        "faults": control.faults,
        "calls": control.calls,
    }
    posts = {
        "advance": control.advance,
        "edit": control.edit,
        "grant": control.grant,
        "leave": control.leave,
        "mark": control.mark,
        "settings": control.settings,
        "switch": control.switch,
        "warm": control.warm,
    }
    routes: list[BaseRoute] = [Route("/control/faults", _kindly(control.faults), methods=["POST", "DELETE"])]
    routes += [Route(f"/control/{path}", _kindly(answer)) for path, answer in gets.items()]
    routes += [Route(f"/control/{path}", _kindly(answer), methods=["POST"]) for path, answer in posts.items()]
    return routes


def _kindly(answer: Answer) -> Answer:
    """Answer a mistaken control call with a sentence instead of a crash."""

    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except UnknownError as problem:
            return as_json({"message": str(problem)}, status=404)
        except (BadQueryError, KeyError, ValueError, msgspec.DecodeError) as problem:
            return as_json({"message": f"{type(problem).__name__}: {problem}"}, status=400)

    return answered
