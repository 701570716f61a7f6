"""Room of the agreement's wording: clauses, highlights and texts of the schedules as versioned data."""
