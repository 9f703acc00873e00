"""One series and how it stands: the no-op path, the choice of episodes, the open session."""
