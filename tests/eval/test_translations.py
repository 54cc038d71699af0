import gzip
from pathlib import Path

import numpy as np
import pytest

from eval.reports.translations import write_report
from eval.translations import evaluate_translations, read_pairs
from indexer.errors import DataError
from indexer.modelstore import ModelStore
from indexer.settings import get_settings
from indexer.stages import Vectors
from retrieval.text import TextEncoder, load_text_encoder
from tests.eval.datasets.shelf import coco_names, write_multi30k, write_xtd10

PAIRS = [
    ("de", "Ein Hund läuft am Strand.", "A dog runs on the beach."),
    ("de", "Ein rotes Auto vor einem Haus.", "A red car in front of a house."),
    ("de", "Eine Frau isst einen Apfel.", "A woman eats an apple."),
    ("jp", "犬が走っている。", "A dog is running."),
    ("cs", "Pes.", "A dog."),
]


@pytest.fixture(scope="module")
def starter() -> TextEncoder:
    return load_text_encoder("starter", ModelStore(get_settings()))


def tsv(path: Path, rows: list[tuple[str, str, str]], header: str = "") -> Path:
    text = header + "".join("\t".join(("", *row)) + "\r\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize(("name", "header"), [("p.tsv.gz", ""), ("p.tsv", "id\tlanguage\ttext\tenglish\n")])
def test_translations_find_their_english(tmp_path: Path, starter: TextEncoder, name: str, header: str) -> None:
    fields = evaluate_translations(starter, read_pairs(tsv(tmp_path / name, PAIRS, header)), name).to_json()
    assert set(fields["languages"]) == {"de", "ja"} and fields["unsupported"] == ["cs"]
    german = fields["languages"]["de"]
    assert (german["gallery"], german["queries"], german["recall@1"]) == (3, 3, 1.0)
    assert fields["languages"]["ja"]["gallery"] == 1 and fields["mean_recall@10"] == 1.0


def test_an_english_sentence_that_comes_twice_is_a_tie_against_us(starter: TextEncoder) -> None:
    pairs = {"de": [("Ein Hund.", "A dog."), ("Der Hund.", "A dog."), ("Ein Auto.", "A car.")]}
    result = evaluate_translations(starter, pairs, "made up").languages["de"]
    assert result.queries == 3 and result.recall_at_1 == pytest.approx(1 / 3) and result.recall_at_5 == 1.0


class Compass:
    """An encoder that answers with the language it was told."""

    identity, dim, languages = "compass", 2, ("en", "de")

    def encode(self, texts: list[str], language: str | None = None) -> Vectors:
        return np.tile(np.float32([1, 0] if language == "en" else [0, 1]), (len(texts), 1))


def test_the_encoder_is_told_the_language_and_a_constant_finds_nothing() -> None:
    pairs = {"de": [(f"Satz {number}", f"sentence {number}") for number in range(30)]}
    result = evaluate_translations(Compass(), pairs, "made up").languages["de"]  # type: ignore[arg-type]
    assert result.recall_at_10 == 0 and result.median_rank == 30


def test_xtd10_and_multi30k_are_pairs_line_by_line(tmp_path: Path) -> None:
    pairs = read_pairs(write_xtd10(tmp_path / "x", coco_names()))
    assert len(pairs) == 10 and "en" not in pairs and pairs["ja"][7] == ("ja 7", "en 7")
    assert read_pairs(write_multi30k(tmp_path / "m", ["a.jpg", "b.jpg"]))["fr"] == [("fr 0", "en 0"), ("fr 1", "en 1")]


def test_what_is_no_pair_is_named(tmp_path: Path, starter: TextEncoder) -> None:
    (tmp_path / "p.tsv").write_text("1\tde\tHund\tdog\n2\tde\tKatze\n")
    with pytest.raises(DataError, match=r"Line 2 of p\.tsv has not four columns"):
        read_pairs(tmp_path / "p.tsv")
    with pytest.raises(DataError, match="eleven"):
        evaluate_translations(starter, {"cs": [("Pes", "dog")]}, "made up")


def test_a_report_is_three_files(tmp_path: Path, starter: TextEncoder) -> None:
    report = evaluate_translations(starter, read_pairs(tsv(tmp_path / "p.tsv", PAIRS)), "p.tsv")
    written = write_report(report, tmp_path / "out")
    assert [file.name for file in written] == ["report.json", "report.md", "report.csv"]
    assert "| de | 3 | 1.000 |" in written[1].read_text() and "pairs: p.tsv" in written[1].read_text()
