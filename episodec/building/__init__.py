"""Building a graph: the whole way of a build, the run of its actions, and the check that repeats them."""
