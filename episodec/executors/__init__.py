"""Where work runs: in worker processes, or in this one. Knows orders and outcomes, not their content."""
