"""The authority's register: pupils and every data group it holds about them."""
