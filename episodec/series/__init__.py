"""One series and its state: the no-op path, the selection of episodes, the open session."""
