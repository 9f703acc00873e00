"""What holds for every test: hypothesis without deadlines, threads that sleep while they wait."""

import os

from hypothesis import settings

# As in `executors.environment`, and before anything imports torch, which reads it once: tests in this process share
# their cores with others.
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

# A shared machine is slow at times: a deadline would fail tests for that. pytest's own timeout catches hangs.
settings.register_profile("episodec", deadline=None, print_blob=True)
settings.load_profile("episodec")
