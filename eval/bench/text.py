"""How fast sentences are encoded: the starter text encoder beside a sentence-transformers model of MiniLM-L6's shape.

    python -m eval.bench.text captions.tsv.gz

The MiniLM has random weights, which are as slow as trained ones: 6 layers of width 384, 12 heads, 30,522 WordPieces
(Wang et al. 2020, "MiniLM"). Both encode the same captions in turns in one process; the ratio is that of the medians.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from indexer.errors import MissingExtraError
from indexer.modelstore import ModelStore
from indexer.settings import get_settings
from retrieval.text import load_text_encoder
from retrieval.training.captions import read_captions

SENTENCES, TURNS, PIECES = 1000, 5, 30_522


def main() -> None:
    """Prints seconds for 1,000 captions by each encoder, and how many times faster the starter is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", type=Path, help="TSV with image, split, lang and text (gz too)")
    texts = [caption.text for caption in read_captions(parser.parse_args().captions)][:SENTENCES]
    starter = load_text_encoder("starter", ModelStore(get_settings()))
    with tempfile.TemporaryDirectory() as folder:
        minilm = random_minilm(Path(folder), texts)
        ways: list[Callable[[], Any]] = [lambda: starter.encode(texts), lambda: minilm.encode(texts, batch_size=64)]
        seconds = [[_timed(way) for way in ways] for _ in range(TURNS + 1)][1:]
    ours, theirs = (median(turn[which] for turn in seconds) for which in (0, 1))
    print(f"{len(texts)} captions: starter {ours:.3f} s, MiniLM-L6 (random) {theirs:.3f} s, {theirs / ours:.1f} times")  # noqa: T201


def random_minilm(folder: Path, texts: Sequence[str]) -> Any:
    """A SentenceTransformer of MiniLM-L6's shape; its WordPieces are learnt from `texts`."""
    try:
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
        from tokenizers import BertWordPieceTokenizer
        from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
    except ImportError as error:
        raise MissingExtraError("torch", "The comparison") from error
    pieces = BertWordPieceTokenizer()
    pieces.train_from_iterator(texts, vocab_size=PIECES, min_frequency=1, show_progress=False)
    pieces.save(str(folder / "pieces.json"))
    named = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    tokenizer: Any = PreTrainedTokenizerFast
    tokenizer(tokenizer_file=str(folder / "pieces.json"), **named).save_pretrained(folder)
    config = BertConfig(
        vocab_size=PIECES, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536
    )
    BertModel(config).save_pretrained(folder)
    words = Transformer(str(folder), max_seq_length=128)
    return SentenceTransformer(modules=[words, Pooling(384), Normalize()], device="cpu")


def _timed(way: Callable[[], Any]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
