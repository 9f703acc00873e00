"""A voice backend for episodec that beeps."""
