"""Keeps the house: stalled jobs, old files, retention."""
