"""What ends up in dist/: an episode's deliverables, and the index page of a folder."""
