"""A bust of Gaussians from one portrait and the head that is fitted to its face.

Skin lies on the head; hair, clothes and what else the portrait shows are sheets over skull and shoulders, cut where
depth jumps; the back is closed. All colours are the portrait's own. It knows no file, and nothing of motion.
"""
