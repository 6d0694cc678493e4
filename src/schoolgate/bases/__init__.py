"""The schools the authority exchanges with, and how each is reached."""
