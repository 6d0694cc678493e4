# ruff: noqa: PT028 - the name the console knows it by; it is no test of pytest's
"""Tests a base's connection: asks for a token and makes one data call, and tells apart what is wrong.

The token service, the secret, the organisation, the scope, the subscription key, the school's switch
and the grant of the domain each have a sentence of their own, as far as the answers allow.
"""

from __future__ import annotations

import time

import httpx2

from schoolgate.connectors.declarations import WORKS, TestOutcome
from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import Limiter, NoLimit
from schoolgate.connectors.sims_primary.client import SimsPrimaryClient
from schoolgate.connectors.sims_primary.connection import SimsPrimaryConnection
from schoolgate.connectors.sims_primary.mapping import SourceMapping, shipped_mapping
from schoolgate.connectors.sims_primary.problems import TOKEN_CODES
from schoolgate.connectors.sims_primary.settings import SourceSettings
from schoolgate.connectors.sims_primary.tokens import TokenKeeper

PATIENCE_SECONDS = 15.0


def test_connection(
    credentials: SimsPrimaryConnection,
    *,
    settings: SourceSettings | None = None,
    mapping: SourceMapping | None = None,
    limiter: Limiter | None = None,
    transport: httpx2.BaseTransport | None = None,
) -> TestOutcome:
    """Try the four settings of a connection with one token and one data call, half a minute at most."""
    patient = settings or SourceSettings()
    hurried = _hurried(patient)
    # A keeper of its own: a token from before the secret was changed would prove nothing.
    keeper = TokenKeeper(monotonic=time.monotonic)
    client = SimsPrimaryClient(
        credentials=credentials,
        settings=hurried,
        limiter=limiter or NoLimit(),
        transport=transport,
        keeper=keeper,
    )
    with client:
        return _tried(client, mapping or shipped_mapping())


test_connection.__test__ = False  # type: ignore[attr-defined]


def _hurried(settings: SourceSettings) -> SourceSettings:
    return SourceSettings(
        **{
            **{name: getattr(settings, name) for name in settings.__struct_fields__},
            "read_seconds": min(settings.read_seconds, PATIENCE_SECONDS),
            "connect_seconds": min(settings.connect_seconds, PATIENCE_SECONDS),
            "total_seconds": min(settings.total_seconds, PATIENCE_SECONDS),
        }
    )


def _tried(client: SimsPrimaryClient, mapping: SourceMapping) -> TestOutcome:
    roll = mapping.roll
    domains = {roll.domain: f"{client.base}{roll.service}/{roll.version}/{roll.domain}?$top=1"}
    for name, domain in domains.items():
        try:
            client.get(domain)
        except SourceProblem as problem:
            step = "token" if problem.code in TOKEN_CODES else "data"
            return TestOutcome(
                code=problem.code,
                sentence=problem.sentence,
                remedy=problem.remedy,
                details={"step": step, "domain": name, "detail": problem.detail},
            )
    return TestOutcome(code=WORKS, sentence="The connection works: a token was given and data could be read.")
