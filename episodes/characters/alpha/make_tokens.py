"""Makes ref_alpha.npy: voice tokens in Fish Speech 1.5's format that contain no recorded person's voice.

    python make_tokens.py [ref_alpha.npy]

int32 (8, T): 8 codebooks, codes 0..999, 21.533 tokens a second; T = 646 is 30 s. The sequence is a seeded walk with
pauses like those of speech; the draft voice derives its timbre and pitch from the statistics of these numbers. To use a
voice of your own, encode a recording: `episodec voice-ref encode recording.wav`.
"""

import sys

import numpy as np

SEED, BOOKS, TOKENS = 2026, 8, 646

rng = np.random.default_rng(SEED)
codes = np.empty((BOOKS, TOKENS), np.int32)
for book in range(BOOKS):
    centre = rng.uniform(250, 750)
    place = centre
    for token in range(TOKENS):
        if rng.random() < 0.62:  # Otherwise the sound goes on.
            place = centre + 0.55 * (place - centre) + rng.normal(0, 150)
        codes[book, token] = int(np.clip(place, 0, 999))
np.save(sys.argv[1] if len(sys.argv) > 1 else "ref_alpha.npy", codes)
