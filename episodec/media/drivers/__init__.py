"""Programs that other interpreters run by their path; never imported, and importing nothing of ours."""
