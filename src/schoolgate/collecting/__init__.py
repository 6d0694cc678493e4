"""Reads a base's source and writes what is new as a transfer file."""
