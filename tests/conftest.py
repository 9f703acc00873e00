"""What holds for every test: hypothesis without deadlines."""

from hypothesis import settings

# A shared machine is slow at times: a deadline would fail tests for that. pytest's own timeout catches hangs.
settings.register_profile("episodec", deadline=None, print_blob=True)
settings.load_profile("episodec")
