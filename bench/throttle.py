"""How much of what the source allows is used while work waits, with one worker process and with three.

The sandbox refuses a call when five were let through in the second before it, so a limiter that is a
little too eager is answered 429, and one that is a little too careful is seen in the share.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench.findings import Finding, Ratio
from tests.house import House, until

CALLS_A_SECOND = 5
SCHOOLS = 36
PUPILS = 12
SECONDS = 30


class ThrottledHouse(House):
    """An installation whose sandbox allows what the real source does."""

    def _start_sandbox(self, *options: str) -> None:
        super()._start_sandbox(*options, "--calls-per-second", str(CALLS_A_SECOND))


def measure() -> Finding:
    finding = Finding(
        title="Collecting under the throttle",
        method=(
            f"{SCHOOLS} schools are due at once; the source allows {CALLS_A_SECOND} calls a second over all "
            f"of them. From the first call on, the calls that were let through in {SECONDS} seconds, with "
            "work waiting all the time, are held against the calls allowed."
        ),
    )
    for workers in (1, 3):
        share, refused = _share(workers)
        what = "worker process" if workers == 1 else "worker processes"
        finding.ratios.append(
            Ratio(
                f"Share of the allowed calls used, {workers} {what}",
                share * 100,
                95,
                is_at_most=False,
                unit="%",
            )
        )
        finding.ratios.append(
            Ratio(f"Calls refused (429), {workers} {what}", refused, 0, is_at_most=True, unit="")
        )
    return finding


def _share(workers: int) -> tuple[float, int]:
    with tempfile.TemporaryDirectory(prefix="sgb-") as folder:
        house = ThrottledHouse(Path(folder), schools=SCHOOLS, pupils=PUPILS)
        try:
            house.control("/warm", {})
            before = _let_through(house)
            house.collect("snapshot", wait=False)
            for number in range(workers):
                house.start_worker(f"worker{number}")
            until(lambda: _let_through(house) > before, seconds=60, what="the first call")
            began, first = time.monotonic(), _let_through(house)
            time.sleep(SECONDS)
            calls, seconds = _let_through(house) - first, time.monotonic() - began
            waiting = house.rows("SELECT 1 FROM run WHERE stage IN ('due', 'waiting', 'collecting') LIMIT 1")
            if not waiting:
                raise AssertionError("the schools were too few: no work was waiting at the end")
            return calls / (seconds * CALLS_A_SECOND), int(house.control("/calls")["throttled"])
        finally:
            house.close()


def _let_through(house: House) -> int:
    tally = house.control("/calls")
    return int(tally["total"]) - int(tally["throttled"])
