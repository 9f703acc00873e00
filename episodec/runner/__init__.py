"""Performs an order: lays inputs out, runs the backend, holds it to its promises. All of this decides results."""
