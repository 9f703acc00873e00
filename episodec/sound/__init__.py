"""Sound as numbers: what an ambience prompt says, its synthesis, loudness, ducking and limiting. Knows no file and no tool."""
