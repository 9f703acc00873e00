"""Sound as numbers: ambience prompts and their synthesis, loudness, ducking, limiting. Knows no file and no tool."""
