"""One folder per vendor; none knows of the others."""
