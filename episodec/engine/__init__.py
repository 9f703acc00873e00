"""The engine: actions, keys, plans and the protocols of the parts around it. Knows nothing of film, and does no I/O."""
