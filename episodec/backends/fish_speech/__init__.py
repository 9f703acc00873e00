"""Fish Speech 1.5: a voice from reference tokens, by its own programs or its server."""
