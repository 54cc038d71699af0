import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from eval.captions import evaluate, score
from eval.reports.captions import markdown, rows, write_report
from indexer.errors import DataError
from indexer.views import View
from tests.eval.shelf import library_of, opened

WORDS = {
    "dog.jpg": "A brown dog runs on the beach.",
    "car.jpg": "A red car stands in front of a house.",
    "ski.jpg": "A man is skiing down a snowy mountain.",
}
HEADER = "image\tsplit\tlang\tsource\ttext\n"


def captions(folder: Path, *lines: tuple[str, ...]) -> Path:
    path = folder / "captions.tsv.gz"
    text = HEADER + "".join("\t".join(line) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()))
    return path


def test_every_photo_is_found_by_its_own_words(tmp_path: Path) -> None:
    library = library_of(tmp_path / "l", WORDS)
    file = captions(
        tmp_path,
        *((name, "dev", "en", "x", text) for name, text in WORDS.items()),
        ("dog.jpg", "dev", "en", "x", "short"),
        ("dog.jpg", "train", "de", "x", "Ein Hund."),
        ("dog.jpg", "dev", "cs", "x", "Pes."),
        ("review.jpg", "dev", "en", "x", "Nobody can find this."),
    )
    with opened(library) as engine:
        report = evaluate(engine, file, split="dev", per_photo="longest").to_json()
    assert (report["gallery"], report["missing"], report["unsupported"]) == (3, 1, ["cs"])
    assert set(report["languages"]) == {"en"}
    english = report["languages"]["en"]
    assert (english["queries"], english["recall@1"], english["recall@10"]) == (4, 0.75, 0.75)
    assert english["mrr"] == 0.75 and english["ci95"][0] <= 0.75 <= english["ci95"][1]


def test_jp_is_read_as_ja_and_all_captions_can_count(tmp_path: Path) -> None:
    library = library_of(tmp_path / "l", WORDS)
    lines = [("dog.jpg", "dev", "jp", "x", "犬"), ("dog.jpg", "dev", "jp", "x", "茶色い犬")]
    with opened(library) as engine:
        report = evaluate(engine, captions(tmp_path, *lines))
    assert report.languages["ja"].queries == 2


def test_a_library_without_paths_cannot_be_measured(tmp_path: Path) -> None:
    library = library_of(tmp_path / "l", WORDS, paths="none")
    with opened(library) as engine, pytest.raises(DataError, match="keeps no paths"):
        evaluate(engine, captions(tmp_path, ("dog.jpg", "dev", "en", "x", "A dog.")))


def test_a_split_without_captions_is_an_error(tmp_path: Path) -> None:
    library = library_of(tmp_path / "l", WORDS)
    with opened(library) as engine, pytest.raises(DataError, match="--split"):
        evaluate(engine, captions(tmp_path, ("dog.jpg", "dev", "en", "x", "A dog.")), split="test")


def test_a_report_is_three_files_that_agree(tmp_path: Path) -> None:
    library = library_of(tmp_path / "l", WORDS)
    file = captions(tmp_path, *((name, "dev", "en", "x", text) for name, text in WORDS.items()))
    with opened(library) as engine:
        report = evaluate(engine, file)
    written = write_report(report, tmp_path / "out")
    assert [path.name for path in written] == ["report.json", "report.md", "chart.png"]
    assert json.loads(written[0].read_text())["languages"]["en"]["recall@10"] == 1.0
    assert "| en | 3 | 1.000 |" in markdown(report) and rows(report)[0][0] == "en"
    assert written[2].read_bytes().startswith(b"\x89PNG") and written[2].stat().st_size > 5000


def test_the_metric_decides_the_order() -> None:
    query, photos = np.array([[1, 0]], np.float32), np.array([[3, 0], [0.9, 0.5]], np.float32)
    assert np.allclose(score(query, photos, View("l2")), [[-4, -0.26]])
    cosine = View("cosine")
    assert np.allclose(score(query, cosine.prepare(photos), cosine), [[1, 0.874157]], atol=1e-6)
