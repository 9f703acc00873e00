"""PuLID with FLUX.1: pictures that keep a character's face."""
