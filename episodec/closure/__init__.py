"""The code that decides a result: the functions, classes and constants a backend reaches by name, in normal form."""
