"""Past calls played again: decisions, queues, staffing."""
