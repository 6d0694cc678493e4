"""Today: is all well, what needs somebody, what to press."""
