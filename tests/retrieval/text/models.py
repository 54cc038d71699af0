"""Tiny models with the shapes of the published ones, made in seconds: what the tests of text encoders read."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch

SENTENCES = (
    "a dog runs on the beach .",
    "ein hund rennt am strand .",
    "un chien court sur la plage .",
    "a red car stands in front of a house .",
    "собака бежит по пляжу",
    "浜辺の犬",
    "海滩上的狗",
    "해변의 개",
)


def piece_model(size: int = 150) -> bytes:
    """A SentencePiece model (unigrams) of a few sentences."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES * 5),
        model_writer=model,
        vocab_size=size,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()


def saved_model(folder: Path, dim: int = 512) -> Path:
    """A SavedModel with mUSE's signature: SentencePiece in the graph, the mean of random piece vectors, unit length."""
    from retrieval.text.muse import import_tensorflow

    tensorflow = import_tensorflow("cpu")
    import tensorflow_text

    pieces = piece_model()

    class Encoder(tensorflow.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.tokeniser = tensorflow_text.SentencepieceTokenizer(model=pieces)
            table = np.random.default_rng(0).normal(size=(int(self.tokeniser.vocab_size()), dim))
            self.table = tensorflow.Variable(table.astype(np.float32))

        def __call__(self, inputs: Any) -> Any:
            rows = tensorflow.gather(self.table, self.tokeniser.tokenize(inputs))
            return {"outputs": tensorflow.math.l2_normalize(tensorflow.reduce_mean(rows, axis=1), axis=1)}

    encoder = Encoder()
    takes = tensorflow.TensorSpec([None], tensorflow.string, name="inputs")
    serving = tensorflow.function(encoder.__call__, input_signature=[takes])
    tensorflow.saved_model.save(encoder, str(folder), signatures={"serving_default": serving})
    return folder


def laser_checkpoint(file: Path, tokens: list[str], seed: int = 0, **sizes: Any) -> Path:
    """A checkpoint in the published format, with random weights and these tokens after the four special ones."""
    from retrieval.text.laser import LaserNetwork

    dictionary = {token: number for number, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", *tokens])}
    params = {
        "num_embeddings": len(dictionary), "padding_idx": 1, "embed_dim": 320, "hidden_size": 512, "num_layers": 5,
        "bidirectional": True, "left_pad": True, "padding_value": 0.0,
    } | sizes  # fmt: skip
    torch.manual_seed(seed)
    shape = {key: value for key, value in params.items() if key not in ("padding_idx", "left_pad", "padding_value")}
    network = LaserNetwork(**shape)
    torch.save({"params": params, "model": network.state_dict(), "dictionary": dictionary}, file)
    return file


def laser2_files(folder: Path, **sizes: Any) -> Path:
    """`laser2.pt` and `laser2.spm` that fit each other."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = piece_model()
    (folder / "laser2.spm").write_bytes(pieces)
    processor = sentencepiece.SentencePieceProcessor(model_proto=pieces)
    # In another order than SentencePiece's: its numbers must not be taken for the dictionary's.
    tokens = sorted(processor.id_to_piece(number) for number in range(3, processor.get_piece_size()))
    laser_checkpoint(folder / "laser2.pt", tokens, **sizes)
    return folder


def laser1_files(folder: Path, **sizes: Any) -> Path:
    """`bilstm.93langs.2018-12-26.pt`, `93langs.fcodes` and `93langs.fvocab` that fit each other."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = sorted({letter for line in SENTENCES for letter in line.replace(" ", "")})
    pieces = [*(letter + "@@" for letter in letters), *letters, "do@@", "dog"]
    (folder / "93langs.fcodes").write_text("d o 9\ndo g</w> 5\n", encoding="utf-8")
    (folder / "93langs.fvocab").write_text("".join(f"{piece} 3\n" for piece in pieces), encoding="utf-8")
    laser_checkpoint(folder / "bilstm.93langs.2018-12-26.pt", pieces, **sizes)
    return folder


def clip_folder(folder: Path, side: int = 32, dim: int = 8) -> Path:
    """A CLIP of two small layers with random weights and a tokeniser of letters, as sentence-transformers saves one."""
    from sentence_transformers import SentenceTransformer
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPProcessor, CLIPTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary, merges = _letters(folder)
    tokeniser = CLIPTokenizer(str(vocabulary), str(merges), model_max_length=77)
    size = {"size": {"shortest_edge": side}, "crop_size": {"height": side, "width": side}}
    layers = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    special = {"bos_token_id": len(tokeniser) - 2, "eos_token_id": len(tokeniser) - 1}
    config = CLIPConfig(
        text_config={**layers, **special, "vocab_size": len(tokeniser), "pad_token_id": special["eos_token_id"]},
        vision_config={**layers, "image_size": side, "patch_size": side // 4},
        projection_dim=dim,
    )
    torch.manual_seed(0)
    CLIPModel(config).save_pretrained(folder / "plain")
    CLIPProcessor(CLIPImageProcessorPil(**size), tokeniser).save_pretrained(folder / "plain")
    SentenceTransformer(str(folder / "plain")).save(str(folder / "clip"))
    return folder / "clip"


def _letters(folder: Path) -> tuple[Path, Path]:
    letters = [chr(number) for number in range(33, 127)]
    tokens = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    numbers: Mapping[str, int] = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(numbers), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    return folder / "vocab.json", folder / "merges.txt"


def sentence_folder(folder: Path, layers: int = 2, width: int = 32) -> Path:
    """A BERT with random weights and mean pooling, as sentence-transformers saves one."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    plain = folder / "plain"
    plain.mkdir(parents=True)
    letters = sorted({letter for line in SENTENCES for letter in line.replace(" ", "")})
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + letter for letter in letters)]
    (plain / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    BertTokenizer(str(plain / "vocab.txt")).save_pretrained(plain)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokens),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        intermediate_size=4 * width,
    )
    BertModel(config).save_pretrained(plain)
    transformer = Transformer(str(plain))
    SentenceTransformer(modules=[transformer, Pooling(width)]).save(str(folder))
    return folder
