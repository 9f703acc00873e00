# ruff: noqa: ARG001, FBT001  # The interface of other people's programs.
"""Stands in for 4DGaussians' `utils/general_utils.py`: its seeding, which is built in."""

import random


def safe_state(silent: bool) -> None:
    random.seed(0)
