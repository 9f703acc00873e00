"""Finds, runs and queries foreign programs and models, and fingerprints them."""
