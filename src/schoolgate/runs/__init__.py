"""One execution of a task for one base, its account and the task log."""
