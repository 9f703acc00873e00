"""Apple SHARP: a Gaussian scene from one picture."""
