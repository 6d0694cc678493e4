"""Takes in files that arrive: agents, suppliers, officers' uploads."""
