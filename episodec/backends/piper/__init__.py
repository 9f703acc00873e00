"""Piper: a neural draft voice, from a voice file of this machine."""
