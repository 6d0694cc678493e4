"""The authority's console: bases, scheduled tasks, task log, runs, pupils."""
