"""Stable Audio by diffusers: ambience from a prompt."""
