"""The text encoder's training on a small invented language pair."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import DataError, UsageError
from retrieval.text.starter import StarterEncoder
from retrieval.training.bag import Bag, BagTraining, Recipe
from retrieval.training.draws import Corpus, build_corpus, epoch_batches
from retrieval.training.exclusions import Exclusions
from retrieval.training.heldback import hold_back
from retrieval.training.pairs import Pair, draw_weights, read_pairs, read_photo_captions
from retrieval.training.text_encoder import train_text_encoder
from retrieval.training.vocabulary import train_pieces

WORDS = {
    "dog": "Hund",
    "cat": "Katze",
    "red": "roter",
    "ball": "Kugel",
    "runs": "rennt",
    "sleeps": "ruht",
    "tree": "Baum",
}
RECIPE = Recipe(pieces=90, sample=500, dim=32, epochs=4, batch=64, rate=0.03)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    sentences = [rng.choice(list(WORDS), 3, replace=False) for _ in range(300)]
    rows = [f"{n + 1}\tde\t{' '.join(WORDS[w] for w in s)}\t{' '.join(s)}\n" for n, s in enumerate(sentences)]
    with gzip.open(tmp_path / "multi30k_trainval.tsv.gz", "wt", encoding="utf-8") as stream:
        stream.writelines(rows)
    captions = ["image\tsplit\tlang\tsource\ttext\n"]
    captions += [
        f"{n}_a.jpg\ttrain\ten\thuman\t{' '.join(rng.choice(list(WORDS), 3))}\n" for n in range(5) for _ in range(3)
    ]
    captions += [f"{n}_a.jpg\ttrain\tde\thuman\t{' '.join(WORDS.values())}\n" for n in range(5)]
    captions += [f"9_a.jpg\tdev\ten\thuman\t{' '.join(sentences[0])}\n"]
    (tmp_path / "captions.tsv").write_text("".join(captions), encoding="utf-8")
    (tmp_path / "exclude.txt").write_text("3\n9\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def corpus(data: Path) -> Corpus:
    exclusions = Exclusions.read([data / "exclude.txt"])
    pairs, captions = read_pairs(data, exclusions), read_photo_captions(data, data / "captions.tsv", exclusions)
    model = train_pieces(pairs, [one.text for one in captions], 90, 500, 0)
    return build_corpus(pairs, captions, model)


def trained(corpus: Corpus, checkpoint: Path, recipe: Recipe = RECIPE) -> np.ndarray:  # type: ignore[type-arg]
    return BagTraining(corpus, recipe, weight_of).run(checkpoint, every=3).table()


def weight_of(bag: Bag) -> float:
    return float(bag.vectors.detach().abs().mean())


def test_a_trained_encoder_translates_and_its_card_tells_how(data: Path) -> None:
    report = train_text_encoder(data, data / "captions.tsv", [data / "exclude.txt"], data / "out", recipe=RECIPE)
    encoder = StarterEncoder.load(report.card.with_suffix(".safetensors"))
    german, english = encoder.encode(list(WORDS.values())), encoder.encode(list(WORDS))
    assert ((german @ english.T).argmax(axis=1) == np.arange(len(WORDS))).mean() > 0.8
    card = json.loads(report.card.read_text(encoding="utf-8"))
    assert card["sha256"] == report.sha256
    assert card["seed"] == 0
    assert report.excluded_rows == card["excluded_rows"] >= 5


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(corpus: Corpus, tmp_path: Path) -> None:
    first = trained(corpus, tmp_path / "a")
    np.testing.assert_array_equal(first, trained(corpus, tmp_path / "b"))
    other = Recipe(seed=1, pieces=90, sample=500, dim=32, epochs=4, batch=64, rate=0.03)
    assert not np.allclose(first, trained(corpus, tmp_path / "c", other))


def test_a_stopped_training_ends_as_if_it_had_not_stopped(corpus: Corpus, tmp_path: Path) -> None:
    whole = BagTraining(corpus, RECIPE, weight_of)
    table = whole.run(tmp_path / "whole", every=3).table()

    def stop(bag: Bag) -> float:
        if len(stopped.curve) == 2:
            raise KeyboardInterrupt
        return weight_of(bag)

    stopped = BagTraining(corpus, RECIPE, stop)
    with pytest.raises(KeyboardInterrupt):
        stopped.run(tmp_path / "stopped", every=3)
    again = BagTraining(corpus, RECIPE, weight_of)
    np.testing.assert_array_equal(table, again.run(tmp_path / "stopped", every=3).table())
    assert again.curve == whole.curve


def test_a_checkpoint_of_other_settings_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    trained(corpus, tmp_path / "a")
    with pytest.raises(UsageError):
        trained(corpus, tmp_path / "a", Recipe(pieces=90, sample=500, dim=32, epochs=5, batch=64))


def test_excluded_photos_are_in_no_batch(data: Path) -> None:
    exclusions = Exclusions.read([data / "exclude.txt"])
    pairs = read_pairs(data, exclusions)
    assert {pair.photo for pair in pairs}.isdisjoint({"3", "9"})
    captions = read_photo_captions(data, data / "captions.tsv", exclusions)
    assert {caption.photo for caption in captions}.isdisjoint({"3_a.jpg", "9_a.jpg"})


def test_batches_hold_what_an_epoch_draws(corpus: Corpus) -> None:
    batches = epoch_batches(corpus, 64, 0, 0)
    again = epoch_batches(corpus, 64, 0, 0)
    assert all(np.array_equal(a.left, b.left) for a, b in zip(batches, again, strict=True))
    for batch in batches:
        np.testing.assert_array_equal((batch.right - batch.left)[batch.translation], corpus.pairs)
        np.testing.assert_array_equal(corpus.meanings[batch.left], corpus.meanings[batch.right])
        np.testing.assert_array_equal(corpus.meanings[batch.left], batch.meanings)


def test_a_caption_in_another_language_is_paired_with_an_english_one_of_its_photo(corpus: Corpus) -> None:
    batches = epoch_batches(corpus, 64, 0, 0)
    left, right = (
        np.concatenate([getattr(batch, side)[~batch.translation] for batch in batches]) for side in ("left", "right")
    )
    pairs = dict(zip(left.tolist(), right.tolist(), strict=True))
    drawn = [(row, english) for english, others in corpus.groups for row in others.tolist() if row in pairs]
    assert drawn
    assert all(pairs[row] in english for row, english in drawn)


def test_sentences_are_cut_at_random_but_repeatably(corpus: Corpus) -> None:
    plain, drawn, again, other = (corpus.sentences(a, s) for a, s in ((0, 1), (0.1, 1), (0.1, 1), (0.1, 2)))
    np.testing.assert_array_equal(drawn.pieces, again.pieces)
    assert len(drawn.pieces) > len(plain.pieces)
    assert len(drawn.pieces) != len(other.pieces)


def test_a_held_back_sentence_is_trained_on_in_no_language() -> None:
    pairs = [Pair("f", "", code, f"{code} {n}", f"{n}", 1.0, True) for code in ("de", "fr") for n in range(200)]
    kept, held = hold_back(pairs)
    assert len(kept) + len(held) == len(pairs)
    assert held
    assert {pair.english for pair in kept}.isdisjoint(pair.english for pair in held)


def test_languages_with_little_text_are_drawn_more_often() -> None:
    many = [Pair("f", "", "de", f"a{n}", f"b{n}", 1.0, True) for n in range(90)]
    few = [Pair("f", "", "ko", f"c{n}", f"d{n}", 1.0, True) for n in range(10)]
    weights = draw_weights(many + few)
    assert weights[0] < 1 < weights[-1]
    assert weights[-1] / weights[0] == pytest.approx(3, rel=0.1)


def test_a_folder_without_parallel_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        read_pairs(tmp_path, Exclusions({}))
