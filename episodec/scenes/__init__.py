"""Gaussian scenes and related files: meshes, views, motion, the report of a training."""
