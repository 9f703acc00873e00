"""A FluxPipeline of tiny components with random weights, and a LoRA for it."""

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

from tests.tiny.words import WORDS, tokenizer

GRAIN = 4  # Pixels: its codec halves once, and patches are of two.


def save_flux(folder: Path, *, guidance: bool = True) -> Path:
    """The folder, holding a pipeline as FLUX.1 dev's is built; without `guidance`, as FLUX.1 schnell's."""
    torch.manual_seed(0)
    heads = {"attention_head_dim": 16, "num_attention_heads": 2, "axes_dims_rope": [4, 4, 8]}
    clip = {"hidden_size": 32, "intermediate_size": 37, "num_attention_heads": 4, "num_hidden_layers": 2}
    ids = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 1}
    blocks = {"down_block_types": ["DownEncoderBlock2D"] * 2, "up_block_types": ["UpDecoderBlock2D"] * 2}
    pipeline = FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=AutoencoderKL(
            block_out_channels=[4, 8],
            norm_num_groups=2,
            latent_channels=1,
            layers_per_block=1,
            sample_size=32,
            shift_factor=0.0609,
            scaling_factor=1.5035,
            use_quant_conv=False,
            use_post_quant_conv=False,
            **blocks,
        ),
        text_encoder=CLIPTextModel(CLIPTextConfig(vocab_size=WORDS, projection_dim=32, **clip, **ids)),
        tokenizer=tokenizer(77),
        text_encoder_2=T5EncoderModel(T5Config(vocab_size=WORDS, d_model=32, d_kv=8, d_ff=32, num_heads=4)),
        tokenizer_2=tokenizer(512),
        transformer=FluxTransformer2DModel(
            patch_size=1,
            in_channels=4,
            num_layers=1,
            num_single_layers=1,
            joint_attention_dim=32,
            pooled_projection_dim=32,
            guidance_embeds=guidance,
            **heads,
        ),
    )
    pipeline.save_pretrained(str(folder), safe_serialization=True)
    return folder


def save_lora(file: Path, *, prefix: str = "transformer") -> Path:
    """Rank-2 matrices beside the attention of its one double block; under another prefix they fit nothing."""
    drawn = torch.Generator().manual_seed(1)
    weights: dict[str, Any] = {}
    for name in ("to_q", "to_k", "to_v"):
        stem = f"{prefix}.transformer_blocks.0.attn.{name}"
        weights[f"{stem}.lora_A.weight"] = torch.randn(2, 32, generator=drawn)
        weights[f"{stem}.lora_B.weight"] = torch.randn(32, 2, generator=drawn)
    save_file(weights, str(file))
    return file
