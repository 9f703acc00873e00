"""Sound, picture and tools, read and written over well-kept libraries. Each module is imported where it is used."""
