"""Finds which pupil of the register an arriving block belongs to."""
