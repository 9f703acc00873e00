"""Codes of notes that several backends tell, and of adapters, each with its line for the manual; others stand in their
backend. Of an adapter only its own package counts in keys: other words here throw no training away.
"""

from collections.abc import Mapping

PORTRAIT: Mapping[str, str] = {
    "portrait-reduced": "The portrait is used as 8-bit RGB, or its colour profile, gamma or EXIF is not followed.",
}

FIGURE: Mapping[str, str] = {
    "portrait-cut-out": "The portrait is opaque, so that the character is cut out of it by finding the person.",
}

FACE: Mapping[str, str] = {
    **PORTRAIT,
    **FIGURE,
    "face-not-found": "No face is found in the portrait, so that the head stays flat.",
}

OPACITY: Mapping[str, str] = {
    "gaussians-left-out": "Some Gaussians of the scene's file hold numbers that no viewer can draw, and are left out.",
    "opacity-clamped": "The scene's file has infinite opacities, which are taken for fully opaque.",
}

CLIPPED: Mapping[str, str] = {
    "sound-clipped": "Samples above full scale are held at it, which is heard as distortion.",
}

MUTE: Mapping[str, str] = {
    "characters-not-spoken": "Emoji and invisible characters of a text are not spoken.",
}

ESTIMATED: Mapping[str, str] = {
    "word-times-estimated": "Word times of a voice are estimated from the letters, for captions.",
}

SUBJECT: Mapping[str, str] = {
    "subject-assumed": "The portrait is opaque, so that the character is taken to stand in its middle.",
}

RESIZED: Mapping[str, str] = {
    "pictures-resized": "Pictures have another size than the system trains with, and it resizes them.",
}

CLIP: Mapping[str, str] = {
    "clip-still": "A generated clip hardly moves.",
    "clip-unlike-portrait": "The first frame of a generated clip is far from the portrait.",
}

REFINED: Mapping[str, str] = {
    "frames-unlike-portrait": "Refined frames are farther from the portrait than they were before.",
}
