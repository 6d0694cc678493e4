"""The register, pupil by pupil, with where every value came from."""
