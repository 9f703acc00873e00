"""Wan 2.2: motion from a portrait, by diffusers or by its own program."""
