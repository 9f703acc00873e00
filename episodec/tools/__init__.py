"""What starts, finds and asks foreign programs and models, and what fingerprints say of them."""
