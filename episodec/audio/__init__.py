"""Sound-related files: recordings, voice tokens, word times, captions. Knows no backend and no episode."""
