"""The local authority itself and its System defaults."""
