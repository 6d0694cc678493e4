"""Transfer files: B2B messages, kept compressed."""
