"""The contents of dist/: the deliverables of episodes, and each folder's index page."""
