"""The settings under which the code is checked (mypy, migrations): nothing is asked for, nothing is kept."""

from __future__ import annotations

import os

os.environ.setdefault("SCHOOLGATE_DEMO", "1")
os.environ.setdefault("SECRET_KEY", "checking-only-and-never-used-to-sign-anything-at-all")
os.environ.setdefault("SCHOOLGATE_ENCRYPTION_KEYS", "checking:" + "A" * 43 + "=")

from schoolgate.config.settings import *  # noqa: F403 - Django takes every name of a settings module
