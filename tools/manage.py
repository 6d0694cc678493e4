"""Django's own commands for developers, as in `python tools/manage.py makemigrations bases`.

Nothing must be set beforehand: it works on this checkout's data folder as a demo.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("SCHOOLGATE_DEMO", "1")
    os.environ.setdefault("SCHOOLGATE_DATA_DIR", str(Path(__file__).resolve().parents[1] / "var"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "schoolgate.config.settings")
    execute_from_command_line(sys.argv)
