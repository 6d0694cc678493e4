"""Canonical blocks in the server's terms, the hash cache and the outstanding list."""
