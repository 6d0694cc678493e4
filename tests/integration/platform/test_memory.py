"""What a long-lived process of many threads keeps of the memory it has freed."""

from __future__ import annotations

import os
import subprocess
import sys

from schoolgate.lib.memory import ENVIRONMENT

_WORK = """
import threading
from schoolgate.lib.memory import give_back

def resident():
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) * 4096 // 2**20

def work():
    pieces = [bytes(3000) for _ in range(8000)]
    kept.append(pieces[::400])

kept = []
before = resident()
for _ in range(3):
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    give_back()
print(resident() - before)
"""


def test_gives_back_what_its_threads_have_freed() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _WORK],
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    # Ninety-odd megabytes are taken at once; a twentieth of the pieces is kept, here and there.
    assert int(told.stdout) < 30
