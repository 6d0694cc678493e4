"""Schoolgate's server: collects pupil data from schools, lands what changed and proves it."""
