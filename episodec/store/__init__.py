"""The store: results by action key, contents by digest, and what was seen of files. It knows nothing of episodes."""
