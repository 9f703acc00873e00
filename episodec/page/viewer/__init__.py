"""The page on which an episode plays in its scene, as one HTML file without any other."""
