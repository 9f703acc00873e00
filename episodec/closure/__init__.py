"""What code decides a result: the functions, classes and constants that a backend reaches by name, in a normal form."""
