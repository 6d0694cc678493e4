"""B2B:Student, Scheduled Tasks: who is collected when, and the seed's Add New Task."""
