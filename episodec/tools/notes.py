"""Codes of notes shared by several backends or sent by adapters, each with its line for the manual; other codes are
defined in their backend. Only an adapter's own package counts in keys, so editing these texts invalidates no training.
"""

from collections.abc import Mapping

PORTRAIT: Mapping[str, str] = {
    "portrait-reduced": "The portrait is used as 8-bit RGB, or its colour profile, gamma or EXIF is ignored.",
}

FIGURE: Mapping[str, str] = {
    "portrait-cut-out": "The portrait is opaque: the character is cut out by detecting the person.",
}

FACE: Mapping[str, str] = {
    **PORTRAIT,
    **FIGURE,
    "face-not-found": "No face is found in the portrait: the head stays flat.",
}

OPACITY: Mapping[str, str] = {
    "gaussians-left-out": "Some Gaussians of the scene's file hold invalid numbers and are left out.",
    "opacity-clamped": "The scene's file has infinite opacities, which are treated as fully opaque.",
}

CLIPPED: Mapping[str, str] = {
    "sound-clipped": "Samples above full scale are clipped, which is audible as distortion.",
}

MUTE: Mapping[str, str] = {
    "characters-not-spoken": "Emoji and invisible characters of a text are not spoken.",
}

ESTIMATED: Mapping[str, str] = {
    "word-times-estimated": "A voice's word times are estimated from the letters, for captions.",
}

SUBJECT: Mapping[str, str] = {
    "subject-assumed": "The portrait is opaque: the character is assumed to be in its middle.",
}

RESIZED: Mapping[str, str] = {
    "pictures-resized": "Pictures differ from the size that the system trains with, and it resizes them.",
}

CLIP: Mapping[str, str] = {
    "clip-still": "A generated clip hardly moves.",
    "clip-unlike-portrait": "The first frame of a generated clip differs a lot from the portrait.",
}

REFINED: Mapping[str, str] = {
    "frames-unlike-portrait": "Refined frames are less like the portrait than before.",
}
