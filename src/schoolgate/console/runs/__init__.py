"""Runs: progress, accounts, exceptions, files; the queue."""
