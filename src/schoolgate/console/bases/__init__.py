"""Bases: search, a base's page, its connection and its move to another MIS."""
