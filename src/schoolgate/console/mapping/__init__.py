"""How a source's fields become data items, what is assumed, and what was overridden."""
