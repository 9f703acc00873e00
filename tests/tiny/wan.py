"""WanImageToVideoPipelines of tiny components with random weights: with two experts as A14B, with one as 5B."""

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKLWan,
    UniPCMultistepScheduler,
    WanImageToVideoPipeline,
    WanTransformer3DModel,
)
from transformers import UMT5Config, UMT5EncoderModel

from tests.tiny.words import WORDS, tokenizer


def save_wan(folder: Path, *, experts: int) -> Path:
    """The folder, holding a pipeline of 2 experts and a codec that shrinks by 8, or of 1 and 16, as the real ones."""
    torch.manual_seed(0)
    two = experts == 2
    pipeline = WanImageToVideoPipeline(
        tokenizer=tokenizer(512),
        text_encoder=UMT5EncoderModel(
            UMT5Config(vocab_size=WORDS, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
        ),
        vae=_codec_by_8() if two else _codec_by_16(),
        scheduler=UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=5.0, num_train_timesteps=1000
        ),
        transformer=_transformer(36, 16) if two else _transformer(8, 8),
        transformer_2=_transformer(36, 16) if two else None,
        image_encoder=None,
        image_processor=None,
        boundary_ratio=0.9 if two else None,
        expand_timesteps=not two,
    )
    pipeline.save_pretrained(str(folder), safe_serialization=True)
    if not two:
        _as_published(folder / "model_index.json")
    return folder


def _as_published(index: Path) -> None:
    """diffusers' own conversion saves 5B as the pipeline that makes clips of words alone, which has no place for what
    sees a picture; its documentation loads it by the other.
    """
    tree = json.loads(index.read_text())
    kept = {name: value for name, value in tree.items() if name not in ("image_encoder", "image_processor")}
    index.write_text(json.dumps({**kept, "_class_name": "WanPipeline"}))


def _transformer(inside: int, out: int) -> Any:
    """inside: channels of noise, and, with two experts, of the mask (4) and of the first picture (16)."""
    return WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=inside,
        out_channels=out,
        text_dim=16,
        freq_dim=32,
        ffn_dim=32,
        num_layers=1,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        rope_max_seq_len=64,
    )


_SHAPE = {
    "base_dim": 4,
    "dim_mult": [1, 1, 1, 1],
    "num_res_blocks": 1,
    "temperal_downsample": [False, True, True],  # Its own spelling.
}


def _codec_by_8() -> Any:
    return AutoencoderKLWan(z_dim=16, **_SHAPE)


def _codec_by_16() -> Any:
    numbers: dict[str, Any] = {"latents_mean": [0.0] * 8, "latents_std": [1.0] * 8}
    scale = {"patch_size": 2, "scale_factor_temporal": 4, "scale_factor_spatial": 16}
    channels = {"z_dim": 8, "in_channels": 12, "out_channels": 12, "decoder_base_dim": 4}
    return AutoencoderKLWan(is_residual=True, **_SHAPE, **numbers, **scale, **channels)
