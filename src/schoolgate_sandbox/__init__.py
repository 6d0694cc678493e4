"""Pretend SIMS ID, SIMS Primary and SIMS 7, with a school generator and faults on demand."""
