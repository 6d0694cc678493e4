"""Keeps what waits for a person: doubted pupils, deletes, removals; until it is decided."""
