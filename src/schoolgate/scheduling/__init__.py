"""The planner: due tasks become runs and jobs of the journeys."""
