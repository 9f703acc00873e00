"""FLUX.1 by diffusers: pictures from pictures."""
