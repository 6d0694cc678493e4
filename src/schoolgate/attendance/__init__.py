"""Marks as year strings, their statistics and the attendance calendar."""
