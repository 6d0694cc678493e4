"""A pretend SIMS ID and SIMS Primary, with schools it invents and faults on demand.

A process of its own that speaks only HTTP. It shares no code with the other
packages: a fake that knew our mapping would agree with it by construction.
"""

from __future__ import annotations
