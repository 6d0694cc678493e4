"""SIMS Primary: its token service, its API's addresses, shapes and habits. Nothing else knows them."""
