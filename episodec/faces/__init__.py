"""Reads, frames and compares portraits of a character, and writes candidates."""
