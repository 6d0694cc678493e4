"""Bases: search, a base's page, its connection and its start on SIMS Primary."""
