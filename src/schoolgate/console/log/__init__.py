"""The task log: a row a file, or a run that made none."""
