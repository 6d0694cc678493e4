"""Dated code sets as data."""
