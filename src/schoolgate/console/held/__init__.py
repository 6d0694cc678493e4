"""What waits for a person: the list, both sides of each entry, and the decision."""
