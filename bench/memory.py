"""The most memory a worker takes with four runs at once, at small schools and at ten times larger ones."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.findings import Finding, Ratio
from tests.house import House

SIZES = (400, 4000, 8000)
SCHOOLS = 4
LIMIT_MB = 300


def measure() -> Finding:
    peaks = {pupils: _peak(pupils) for pupils in SIZES}
    small, large, largest = (peaks[pupils] for pupils in SIZES)
    return Finding(
        title="Memory of a worker",
        method=(
            f"{SCHOOLS} schools are collected and landed at once by one worker process at its default of "
            "four runs. The figure is the most resident memory the process ever had, by the kernel's count."
        ),
        ratios=[
            Ratio(f"Most memory, schools of {pupils:,}", peak, LIMIT_MB, is_at_most=True, unit="MB")
            for pupils, peak in peaks.items()
        ],
        figures={
            f"Growth from schools of {SIZES[0]:,} to {SIZES[1]:,}": f"{large / small:.2f} x",
            f"Growth from schools of {SIZES[1]:,} to {SIZES[2]:,}": f"{largest / large:.2f} x",
        },
        notes=[
            (
                "Pages and blocks lie as bytes, on disk when they are many, rows are decoded some hundred "
                "pupils at a time, and a message is packed while it is written; a school's roll, its match "
                "keys and its hashes are held whole, a kilobyte or two a pupil."
            )
        ],
    )


def _peak(pupils: int) -> float:
    """In megabytes, over first snapshots of all schools at once."""
    with tempfile.TemporaryDirectory(prefix="sgb-") as folder:
        house = House(Path(folder), schools=SCHOOLS, pupils=pupils)
        try:
            house.control("/warm", {})
            house.start_worker()
            house.collect("snapshot")
            parent = house.processes["worker"].pid
            return max(_highest(pid) for pid in _family(parent)) / 1024
        finally:
            house.close()


def _family(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
    return [parent, *map(int, listed.split())]


def _highest(pid: int) -> int:
    """The peak of resident memory of a living process, in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    raise AssertionError("the kernel does not tell the peak of memory here")
