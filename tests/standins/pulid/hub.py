# ruff: noqa: ARG001  # The interface of other people's programs.
"""Stands in for huggingface_hub in PuLID's environment: without a network it has nothing."""

from typing import Any, NoReturn


def hf_hub_download(repo_id: str, filename: str, **more: Any) -> NoReturn:
    raise RuntimeError(f"OfflineModeIsEnabled: {repo_id}/{filename}")


def snapshot_download(repo_id: str, **more: Any) -> NoReturn:
    raise RuntimeError(f"OfflineModeIsEnabled: {repo_id}")
