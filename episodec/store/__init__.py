"""The store: results by action key, contents by digest, and observations of files. It knows nothing of episodes."""
