"""Saves a StableAudioPipeline of tiny components with random weights: python tiny_stable_audio.py FOLDER."""

import sys
from pathlib import Path

import torch
from diffusers import (
    AutoencoderOobleck,
    CosineDPMSolverMultistepScheduler,
    StableAudioDiTModel,
    StableAudioPipeline,
    StableAudioProjectionModel,
)
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel


def tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE of 512 tokens, trained here: those of the library's own tests are downloads."""
    built = Tokenizer(models.BPE(unk_token="<unk>"))
    built.pre_tokenizer = pre_tokenizers.ByteLevel()
    built.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<pad>", "</s>", "<unk>"]
    trainer = trainers.BpeTrainer(vocab_size=512, special_tokens=special, initial_alphabet=alphabet)
    built.train_from_iterator(["quiet room tone, pencil on paper, rain and wind"] * 4, trainer)
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    return PreTrainedTokenizerFast(tokenizer_object=built, model_max_length=64, **names)


def save_stable_audio(folder: str | Path) -> None:
    torch.manual_seed(0)
    heads = {"attention_head_dim": 8, "num_attention_heads": 4, "num_key_value_attention_heads": 2}
    inner = {"cross_attention_dim": 16, "cross_attention_input_dim": 16, "time_proj_dim": 16}
    sizes = {"sample_size": 64, "in_channels": 8, "out_channels": 8, "num_layers": 2, "global_states_input_dim": 32}
    pipeline = StableAudioPipeline(
        transformer=StableAudioDiTModel(**sizes, **heads, **inner),
        vae=AutoencoderOobleck(
            encoder_hidden_size=8,
            downsampling_ratios=[2, 4, 4, 8, 8],
            channel_multiples=[1, 1, 2, 2, 2],
            decoder_channels=8,
            decoder_input_channels=8,
            audio_channels=2,
            sampling_rate=44_100,
        ),
        text_encoder=T5EncoderModel(T5Config(vocab_size=512, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2)),
        projection_model=StableAudioProjectionModel(16, 16, min_value=0, max_value=512),
        tokenizer=tokenizer(),
        scheduler=CosineDPMSolverMultistepScheduler(sigma_data=1.0, solver_order=2),
    )
    pipeline.save_pretrained(folder, safe_serialization=True)


if __name__ == "__main__":
    save_stable_audio(sys.argv[1])
