"""Lands a transfer file in the register: rules, conflicts, the account."""
