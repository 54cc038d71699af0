"""What LASER's networks read: characters, words, byte pairs and pieces."""

from pathlib import Path

import pytest

pytest.importorskip("sacremoses", reason="the laser group brings Moses, jieba and MeCab")

from indexer.errors import ModelIntegrityError
from indexer.modelstore import ModelStore
from indexer.settings import Settings
from retrieval.text.bpe import FastBpe
from retrieval.text.laser_tokens import Laser1Tokens, Laser2Tokens, laser1_words, laser2_text, printable
from tests.retrieval.text.models import laser1_files, piece_model


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("This is a test sentence.", "this is a test sentence."),
        ("Hello!!! How are you??? I'm doing great.", "hello!!! how are you??? i'm doing great."),
        ("Hello, \tWorld! ABC\x1f123", "hello, world! abc 123"),
        ("‘quoted’ and ‚low‘", '"quoted" and "low"'),
        ("I’m “here” – now…", 'i\'m "here" - now...'),
        ("«\u00a0oui\u00a0»", '"oui"'),
    ],
)
def test_what_laser2_reads(text: str, line: str) -> None:
    assert laser2_text(text) == line


PIECES = {
    "This is a test sentence.": "▁this ▁is ▁a ▁test ▁sent ence .",
    "Hello!!! How are you??? I'm doing great.": "▁hel lo !!! ▁how ▁are ▁you ??? ▁i ' m ▁do ing ▁great .",
    "Hello, \tWorld! ABC\x1f123": "▁hel lo , ▁world ! ▁ab c ▁12 3",
}


@pytest.mark.parametrize("text", PIECES)
def test_laser2_gives_the_published_pieces(text: str) -> None:
    store = ModelStore(Settings())
    if not store.has("laser2-pieces"):
        pytest.skip("laser2-pieces is not in the model store: photoveil models pull laser2-pieces")
    assert Laser2Tokens(store.path("laser2-pieces"))(text) == PIECES[text].split()


def test_control_characters_become_spaces() -> None:
    assert printable("a\x00b\u200bc\ue000d é 犬") == "a b c d é 犬"


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "Mr. Smith doesn't own a dog-house.", "mr. smith doesn 't own a dog-house ."),
        ("de", "Ein Hund, z.B. „Rex“, rennt.", 'ein hund , z.b. " rex " , rennt .'),
        ("fr", "L'homme court.", "l' homme court ."),
        ("en", "Tom &amp; Jerry", "tom & jerry"),
        ("zh", "一只狗在海滩上奔跑。", "一只 狗 在 海滩 上 奔跑 。"),
        ("ja", "犬が浜辺を走っている。", "犬 が 浜辺 を 走っ て いる 。"),
        ("ko", "개가 해변을 달린다.", "개가 해변을 달린다 ."),
    ],
)
def test_what_laser1_reads(language: str, text: str, words: str) -> None:
    assert laser1_words(text, language) == words.split()


def bpe(tmp_path: Path, codes: str, vocabulary: str) -> FastBpe:
    (tmp_path / "codes").write_text(codes, encoding="utf-8")
    (tmp_path / "vocabulary").write_text(vocabulary, encoding="utf-8")
    return FastBpe(tmp_path / "codes", tmp_path / "vocabulary")


CODES = "l o 9\nlo w</w> 7\ne r</w> 5\nlo w 4\nlow er</w> 2\n"


@pytest.mark.parametrize(
    ("word", "pieces"),
    [("low", "low"), ("lower", "lower"), ("lo", "l@@ o"), ("solo", "s@@ o@@ l@@ o"), ("lows", "low@@ s"), ("o", "o")],
)
def test_merges_go_by_rank(tmp_path: Path, word: str, pieces: str) -> None:
    known = "low 1\nlower 1\nlow@@ 1\n"
    assert bpe(tmp_path, CODES, known).pieces(word) == tuple(pieces.split())


def test_pieces_that_the_vocabulary_lacks_are_taken_apart(tmp_path: Path) -> None:
    assert bpe(tmp_path, CODES, "low@@ 1\ner 1\n").pieces("lower") == ("low@@", "er")
    assert bpe(tmp_path, CODES, "lo@@ 1\n").pieces("lower") == ("lo@@", "w@@", "e@@", "r")


def test_the_language_of_laser1_is_detected_where_not_given(tmp_path: Path) -> None:
    folder = laser1_files(tmp_path, embed_dim=2, hidden_size=2, num_layers=1)
    tokens = Laser1Tokens(folder / "93langs.fcodes", folder / "93langs.fvocab")
    assert tokens("海滩上的狗") == tokens("海滩上的狗", "zh") == ["海@@", "滩", "上", "的", "狗"]
    assert tokens("a dog") == ["a", "dog"] and tokens(" ") == []


def test_damaged_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelIntegrityError):
        bpe(tmp_path, "one two\n", "low 1\n")
    (tmp_path / "x.spm").write_bytes(b"no model")
    with pytest.raises(ModelIntegrityError, match=r"x\.spm"):
        Laser2Tokens(tmp_path / "x.spm")
    (tmp_path / "y.spm").write_bytes(piece_model())
    assert Laser2Tokens(tmp_path / "y.spm")("A Dog")
