"""Translation pairs and paraphrases: which files there are, what each weighs, and which sentences mean the same."""

import csv
import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.errors import DataError
from retrieval.text.language import LANGUAGES
from retrieval.training.captions import read_captions
from retrieval.training.exclusions import Exclusions, folded, photo_id

# Draws of a pair per epoch, before languages are balanced. What people write about photos counts most.
CAPTION_WEIGHTS = {
    "multi30k_trainval": 2.0,
    "flickr30k_fr_mt": 1.0,
    "flickr30k_es_zh_mt": 4.0,
    "flickr8k_zh_mt": 1.0,
    "iglue_flickr30k_val_gmt": 4.0,
    "marvl_human_gmt_en": 2.0,
    "mscoco_it_aligned": 4.0,
    "nlvr2_dev_gmt": 2.0,
    "sick": 3.0,
    "stsb_traindev": 1.5,
    "wit_test_human_gmt_en": 1.0,
    "xgqa_fewshot_human": 2.0,
    "xvnli_human": 4.0,
}
GENERAL_WEIGHTS = {
    "it_europarl_sample": 0.3,
    "korean_parallel_news": 1.0,
    "ntrex128": 0.7,
    "pawsx": 0.3,
    "pl_paracrawl_r1": 0.6,
    "small_parallel_enja": 1.0,
    "tatoeba": 0.7,
    "tr_wmt_news": 0.7,
    "vocab_1000words": 1.0,
    "vocab_cldr_emoji_names": 0.7,
    "vocab_frigate_labels": 1.0,
    "vocab_osm_presets": 0.7,
    "vocab_xling_bli": 0.5,
    "xcopa_human_gmt_en": 1.0,
    "xnli": 0.7,
    "xquad_questions": 0.5,
}
COCO_CAPTIONS = ("coco_val2017_en", "mono_coco_cn_ext")
# Files whose sentences all describe the photo they name (SICK and XVNLI also hold what is untrue of it).
DESCRIPTIONS = frozenset(
    {
        "flickr30k_es_zh_mt",
        "flickr30k_fr_mt",
        "flickr8k_zh_mt",
        "iglue_flickr30k_val_gmt",
        "mscoco_it_aligned",
        "multi30k_trainval",
    }
)
MOST_BALANCE = 3.0


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence of the file `source` and its English translation; `photo` is what it describes, or empty."""

    source: str
    photo: str
    language: str
    text: str
    english: str
    weight: float
    caption: bool

    @property
    def meaning(self) -> int:
        """Equal for two pairs that must not be each other's negatives: of one photo, or of one English sentence."""
        return meaning_of(photo_key(self.photo) or folded(self.english))

    @property
    def describes(self) -> str:
        """The key of the photo that both sentences describe, or empty."""
        return photo_key(self.photo) if self.source in DESCRIPTIONS else ""


@dataclass(frozen=True, slots=True)
class PhotoCaption:
    """What somebody wrote about a photo, in one of the eleven languages."""

    photo: str
    language: str
    text: str


def photo_key(photo: str) -> str:
    """The same for all names that a photo goes by in different files: its number, where it has one."""
    return str(photo_id(photo) or photo) if photo else ""


def meaning_of(key: str) -> int:
    """64 bits that stand for a photo's name or an English sentence."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "little", signed=True)


def read_pairs(folder: Path, exclusions: Exclusions) -> list[Pair]:
    """All known files of a folder (`id, language, text, english`, TSV, gzip); excluded photos are held back."""
    pairs: list[Pair] = []
    for table, caption in ((CAPTION_WEIGHTS, True), (GENERAL_WEIGHTS, False)):
        for name, weight in table.items():
            if (folder / f"{name}.tsv.gz").exists():
                read = [
                    Pair(name, row[0], row[1], row[2], row[3], weight, caption)
                    for row in _rows(folder / f"{name}.tsv.gz")
                    if row[2] and row[3]
                ]
                pairs += exclusions.keep(read, lambda pair: pair.photo, name)
    if not pairs:
        raise DataError("No known file of parallel text lies in that folder: name the folder with the .tsv.gz files.")
    return pairs


def read_photo_captions(folder: Path, captions: Path, exclusions: Exclusions) -> list[PhotoCaption]:
    """The train split of a caption file, and the captions of COCO photos that lie among the parallel text."""
    rows = [
        PhotoCaption(caption.image, caption.language, caption.text)
        for caption in read_captions(captions)
        if caption.split == "train" and caption.language in LANGUAGES
    ]
    for name in COCO_CAPTIONS:
        if (folder / f"{name}.tsv.gz").exists():
            rows += [PhotoCaption(row[0], row[1], row[2]) for row in _rows(folder / f"{name}.tsv.gz")]
    return exclusions.keep(rows, lambda row: row.photo, "captions of photos")


def draw_weights(pairs: list[Pair]) -> NDArray[np.float64]:
    """Expected draws per epoch, float64 [n]: a file's weight, raised for languages with little text (square root)."""
    weights = np.array([pair.weight for pair in pairs])
    for caption in sorted({pair.caption for pair in pairs}):
        part = np.array([pair.caption is caption for pair in pairs])
        languages = np.array([pair.language for pair in pairs])
        present = sorted(set(languages[part].tolist()))
        totals = {code: weights[part & (languages == code)].sum() for code in present}
        mean = np.mean(list(totals.values()))
        for code in present:
            weights[part & (languages == code)] *= min(MOST_BALANCE, float(np.sqrt(mean / totals[code])))
    return weights


def _rows(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as stream:
        yield from csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
