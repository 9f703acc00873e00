"""Hunyuan3D 2.1: a painted mesh from a picture."""
