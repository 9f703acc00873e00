"""4DGaussians: a scene that moves, trained by its own programs."""
