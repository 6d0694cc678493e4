"""Layouts, components, tables and filters of every page; no domain word."""
