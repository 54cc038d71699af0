import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import retrieval
from eval.caption_report import CaptionReport
from eval.captions import evaluate
from eval.datasets import Dataset, Question, dataset, open_dataset
from eval.reports.run import Run
from eval.system import of_features, of_library
from indexer.errors import DataError, SpaceMismatchError, UsageError
from indexer.settings import Settings
from tests.eval.shelf import library_of, opened

WORDS = {
    "dog.jpg": "A brown dog runs on the beach.",
    "car.jpg": "A red car stands in front of a house.",
    "ski.jpg": "A man is skiing down a snowy mountain.",
}
HEADER = "image\tsplit\tlang\tsource\ttext\n"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return library_of(tmp_path_factory.mktemp("shelf") / "l", WORDS)


def captions(folder: Path, *lines: tuple[str, ...]) -> Path:
    path = folder / "captions.tsv.gz"
    text = HEADER + "".join("\t".join(line) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()))
    return path


def asking(*captions: tuple[str, str, str]) -> Dataset:
    return dataset("made-up", [(code, Question(text, image)) for image, code, text in captions], {})


def measured(library: Path, data: Dataset, *, image_to_text: bool = False) -> tuple[CaptionReport, Run]:
    with opened(library) as engine:
        return evaluate(of_library(engine), data, image_to_text=image_to_text)


def test_every_photo_is_found_by_its_own_words(library: Path, tmp_path: Path) -> None:
    file = captions(
        tmp_path,
        *((name, "dev", "en", "x", text) for name, text in WORDS.items()),
        ("dog.jpg", "dev", "en", "x", "short"),
        ("dog.jpg", "train", "de", "x", "Ein Hund."),
        ("dog.jpg", "dev", "cs", "x", "Pes."),
        ("review.jpg", "dev", "en", "x", "Nobody can find this."),
    )
    report = measured(library, open_dataset(file, "dev").longest())[0].to_json()
    assert (report["gallery"], report["missing"], report["unsupported"]) == (3, 1, ["cs"])
    assert report["missing_images"] == ["review.jpg"]
    assert set(report["languages"]) == {"en"} and report["worst"] == {"language": "en", "recall@10": 0.75}
    english = report["languages"]["en"]
    assert (english["queries"], english["recall@1"], english["recall@10"]) == (4, 0.75, 0.75)
    assert english["mrr"] == 0.75 and english["ci95"][0] <= 0.75 <= english["ci95"][1]
    assert report["setting"]["split"] == "dev" and report["setting"]["per_photo"] == "longest"


def test_all_captions_can_count_and_the_gallery_is_the_data_set_alone(library: Path) -> None:
    report, run = measured(library, asking(("dog.jpg", "ja", "犬"), ("dog.jpg", "ja", "茶色い犬")))
    assert report.languages["ja"].queries == 2 and report.gallery == 1 and report.languages["ja"].recall_at_1 == 1
    assert run.images == ("dog.jpg",) and run.answers["ja"].tolist() == [0, 0]


def test_a_library_without_paths_cannot_be_measured(tmp_path: Path) -> None:
    library = library_of(tmp_path / "l", WORDS, paths="none")
    with pytest.raises(DataError, match="keeps no paths"):
        measured(library, asking(("dog.jpg", "en", "A dog.")))


def test_data_that_is_not_there_or_in_no_language_of_ours_is_an_error(library: Path) -> None:
    with pytest.raises(DataError, match="None of the captioned photos"):
        measured(library, asking(("elsewhere.jpg", "en", "A dog.")))
    with pytest.raises(DataError, match="eleven languages"):
        measured(library, asking(("dog.jpg", "cs", "Pes.")))


def test_the_served_index_answers_the_same(library: Path) -> None:
    report, _ = measured(library, asking(*((name, "en", text) for name, text in WORDS.items())))
    assert report.served is not None
    assert report.served.recall_at_10 == {"en": 1.0} and report.served.loss == 0.0
    part, _ = measured(library, asking(("dog.jpg", "en", WORDS["car.jpg"])))
    assert part.served is not None and part.served.mean == part.mean_recall_at_10 == 1.0


def test_photos_look_for_their_captions_on_request(library: Path) -> None:
    data = asking(
        *((name, "en", text) for name, text in WORDS.items()),
        ("dog.jpg", "en", "Something else altogether."),
        ("review.jpg", "en", "Nobody can find this."),
        ("car.jpg", "de", "Ein Auto."),
    )
    assert measured(library, data)[0].image_to_text is None
    found = measured(library, data, image_to_text=True)[0]
    assert found.image_to_text is not None
    english = found.image_to_text["en"]
    assert english.queries == 4 and english.recall_at_1 == 0.75, "a photo per query, and one of its captions is enough"
    assert found.image_to_text["de"].queries == 1 and "image_to_text" in found.to_json()


def test_a_run_holds_the_points_and_the_thumbnails(library: Path) -> None:
    report, run = measured(library, asking(("car.jpg", "en", WORDS["car.jpg"]), ("dog.jpg", "en", WORDS["dog.jpg"])))
    assert run.dataset == report.dataset == "made-up" and run.metric == "cosine"
    assert run.points["en"].shape == run.image_points.shape and run.nearest("en", np.array([0, 1])).tolist() == [0, 1]
    assert run.thumbnail is not None and run.thumbnail("car.jpg") is None, "these photos have none"


def test_the_m3l_head_of_the_profile_is_measured_beside_its_own(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = Path(retrieval.__file__).parent / "weights"
    shutil.copy(bundled / "head-starter.safetensors", tmp_path / "head-starter-m3l.safetensors")
    card = json.loads((bundled / "head-starter.json").read_text(encoding="utf-8"))
    named = {**card, "name": "head-starter-m3l", "loss": "m3l"}
    (tmp_path / "head-starter-m3l.json").write_text(json.dumps(named), encoding="utf-8")
    monkeypatch.setattr("retrieval.engine.get_settings", lambda: Settings(models=(tmp_path,)))
    asked = asking(*((name, "en", text) for name, text in WORDS.items()))
    with opened(library) as engine:
        report = evaluate(of_library(engine), asked)[0]
        assert report.m3l is not None
        assert (report.m3l.recall_at_10, report.m3l.loss) == ({"en": 1.0}, 0.0)
        assert engine.head("m3l").card["loss"] == "m3l"
        assert evaluate(of_library(engine, "m3l"), asked)[0].m3l is None


def test_a_text_encoder_is_named_together_with_its_head(library: Path) -> None:
    data = asking(("dog.jpg", "en", WORDS["dog.jpg"]))
    with opened(library) as engine:
        assert evaluate(of_library(engine, "starter", "starter"), data)[0] == evaluate(of_library(engine), data)[0]
        with pytest.raises(SpaceMismatchError, match="--text"):
            of_library(engine, "resnet50", "starter")


def test_an_export_gives_the_same_figures(library: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the optional group 'export' reads exports")
    data = asking(*((name, "en", text) for name, text in WORDS.items()), ("review.jpg", "de", "Nicht da."))
    with opened(library) as engine:
        engine.export(tmp_path / "e")
        from_library, _ = evaluate(of_library(engine), data)
    from_export, _ = evaluate(of_features(tmp_path / "e", device="cpu"), data)
    assert from_export.languages == from_library.languages and from_export.missing == ("review.jpg",)
    assert from_export.served is None and from_export.setting["photos"] == "features"
    with pytest.raises(UsageError, match="--library"):
        evaluate(of_features(tmp_path / "e", device="cpu"), data, clear=tmp_path)
    with pytest.raises(SpaceMismatchError, match="--head"):
        of_features(tmp_path / "e", "resnet50", device="cpu")
    with pytest.raises(DataError, match="no export"):
        of_features(tmp_path, device="cpu")
