"""The B2B message: what a school's pupil data looks like on its way to the authority."""
