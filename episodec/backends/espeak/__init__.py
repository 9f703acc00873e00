"""espeak-ng: the draft voice."""
