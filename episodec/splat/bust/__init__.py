"""A bust of Gaussians from one portrait and the head fitted to its face.

Skin lies on the head; hair, clothes and the rest of the portrait are sheets over skull and shoulders, cut at depth
discontinuities; the back is closed. All colours are the portrait's own. Knows no file, and no motion.
"""
