"""Tells what was found: on the screen, and as the page docs/reference/performance.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.findings import Finding, Ratio

_OPENING = """\
# Performance

Written by `make bench`; don't edit. Every ratio compares two things measured in the same run on the same
machine, so it can be trusted further than the times beside it, which move by a fifth or more from one run
to the next. All pupils are invented. Each benchmark is a file in `bench/`.

Measured on {machine}, {system}, Python {python}; database, workers and the pretend source on the same cores.
{day}; load of the machine over the last quarter of an hour {load:.1f}, so that other work ran beside it where
this is above the {cores} cores.
"""


def told(finding: Finding) -> str:
    """A finding for the screen."""
    lines = [
        f"  {each.what}: {each.told(each.value)} (target {each.target_told()}) {_met(each)}"
        for each in finding.ratios
    ]
    lines += [f"    {name}: {value}" for name, value in finding.figures.items()]
    return "\n".join(lines)


def page(findings: Sequence[Finding]) -> str:
    """All findings as Markdown."""
    opening = _OPENING.format(
        machine=machine(),
        system=platform.system(),
        python=platform.python_version(),
        load=os.getloadavg()[2],
        cores=os.cpu_count(),
        day=f"{datetime.now(UTC):%-d %B %Y}",
    )
    ratios = [each for finding in findings for each in finding.ratios]
    summary = _table(
        ("What", "Measured", "Target", ""),
        ((each.what, each.told(each.value), each.target_told(), _met(each)) for each in ratios),
    )
    return "\n".join([opening, summary, *(_chapter(finding) for finding in findings)])


def _chapter(finding: Finding) -> str:
    missed = [each for each in finding.ratios if not each.is_met]
    parts = [f"## {finding.title}\n", finding.method + "\n"]
    if finding.figures:
        parts.append(_table(("Figure", "Value"), finding.figures.items()))
    parts += [f"{note}\n" for note in finding.notes]
    parts += [f"**Missed: {each.what}.** {each.explanation}\n" for each in missed]
    return "\n".join(parts)


def _met(ratio: Ratio) -> str:
    return "met" if ratio.is_met else "missed"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def machine() -> str:
    """The machine by cores, memory and processor type; nothing else about it is anybody's business."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, {_processor()}"


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
