"""The page on which an episode plays in its scene: a single HTML file."""
