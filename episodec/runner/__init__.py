"""Performs an order: lays inputs out, runs the backend, checks its outputs. All of this decides results."""
