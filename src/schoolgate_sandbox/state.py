"""Everything one sandbox process holds, for the API and the control endpoint alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from schoolgate_sandbox.clock import Clock
from schoolgate_sandbox.faults import Faults
from schoolgate_sandbox.rows import Rows
from schoolgate_sandbox.store import World
from schoolgate_sandbox.throttle import Throttle
from schoolgate_sandbox.tokens import TokenService


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line decides."""

    schools: int = 60
    seed: int = 8201
    la: int = 820
    today: date | None = None
    size: str = "normal"
    pupils: int | None = None
    calls_per_second: float = 5.0
    now: Callable[[], float] = time.time


@dataclass(slots=True)
class Settings:
    """What the control endpoint may change while the process runs."""

    page_size: int = 1000
    changes_off: set[str] = field(default_factory=lambda: {"LearnerCommunications"})
    latency_ms: float = 0.0
    count: bool = True


class Sandbox:
    """One pretend supplier: its world, its doors and its moods."""

    def __init__(self, options: Options) -> None:
        today = options.today or date.fromtimestamp(options.now())  # noqa: DTZ012
        self.world = World(
            seed=options.seed,
            schools=options.schools,
            clock=Clock(today=today, now=options.now),
            la=options.la,
            size=options.size,
            pupils=options.pupils,
        )
        self.rows = Rows(self.world)
        self.subscription_key = self.world.ids.secret("subscription key", length=32)
        self.tokens = TokenService(self.world.schools, now=options.now)
        self.throttle = Throttle(calls_per_second=options.calls_per_second, now=options.now)
        self.faults = Faults()
        self.settings = Settings()
        self.denied: set[tuple[str, str]] = set()
        self.switched_off: set[str] = set()
