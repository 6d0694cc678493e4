"""How the installation behaves: System defaults, blackout dates, Clear cache, the health of the clockwork."""
