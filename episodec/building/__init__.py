"""A build from specs to dist/, the run of its actions, and the check that repeats them."""
