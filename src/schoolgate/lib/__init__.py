"""Small tools that know no domain word."""
