"""Gaussian scenes and what goes with them, as files: meshes, views, motion, the report of a training."""
