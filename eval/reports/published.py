"""Published figures, to stand beside ours: Recall@10 of text to image retrieval on 1,000 images, as fractions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PAPER = "Aggarwal and Kale 2020, Towards Zero-shot Cross-lingual Image Retrieval"
_XTD10_CODES = ("en", "de", "fr", "it", "es", "ru", "ja", "zh", "pl", "tr", "ko")
_MULTI30K_CODES = ("en", "de", "fr")


@dataclass(frozen=True)
class Published:
    """One row of a published table. `encoder` and `loss` say whose figures they are."""

    name: str
    encoder: str
    loss: str
    source: str
    recall_at_10: Mapping[str, float]


def _table2(encoder: str, loss: str, *values: float) -> Published:
    recall = dict(zip(_XTD10_CODES, values, strict=True))
    return Published(f"{encoder} + {loss}", encoder, loss, f"{PAPER}, Table 2", recall)


def _table3(name: str, encoder: str, loss: str, *values: float) -> Published:
    return Published(name, encoder, loss, f"{PAPER}, Table 3", dict(zip(_MULTI30K_CODES, values, strict=True)))


XTD10 = (
    _table2("LASER", "PATR", 0.803, 0.702, 0.686, 0.673, 0.682, 0.677, 0.572, 0.672, 0.666, 0.597, 0.518),
    _table2("mUSE", "PATR", 0.836, 0.712, 0.756, 0.769, 0.761, 0.734, 0.643, 0.736, 0.718, 0.669, 0.694),
    _table2("LASER", "M3L", 0.815, 0.706, 0.712, 0.701, 0.714, 0.686, 0.583, 0.717, 0.689, 0.652, 0.533),
    _table2("mUSE", "M3L", 0.853, 0.735, 0.789, 0.789, 0.767, 0.736, 0.678, 0.761, 0.717, 0.709, 0.707),
)
"""Trained on English captions of MSCOCO."""

MULTI30K = (
    _table3("Portaz et al. 2019, trained on en fr de", "MUSE-aligned fastText", "hinge", 0.546, 0.450, 0.469),
    _table3("mUSE + M3L, trained on en fr de", "mUSE", "M3L multilingual", 0.581, 0.522, 0.572),
    _table3("Portaz et al. 2019, trained on en", "MUSE-aligned fastText", "hinge", 0.566, 0.442, 0.460),
    _table3("mUSE + M3L, trained on en", "mUSE", "M3L", 0.591, 0.488, 0.548),
)
"""Trained on Multi30K; the test is test_2016_flickr of task 1."""


def published_for(dataset: str, setting: Mapping[str, Any]) -> tuple[Published, ...]:
    """All published rows for a data set; empty where there are none, and for another split than the published one."""
    if dataset == "xtd10":
        return XTD10
    test = setting.get("data") == "Multi30K task 1" and setting.get("split") == "test_2016_flickr"
    return MULTI30K if dataset == "multi30k" and test else ()


def same_setting(rows: tuple[Published, ...], setting: Mapping[str, Any]) -> Published | None:
    """The row with the image encoder, text encoder and loss of a run, None where the paper has no such system."""
    if not str(setting.get("space")).startswith("resnet152"):
        return None
    encoder, loss = _encoder(str(setting.get("text"))), str(setting.get("loss")).upper()
    return next((row for row in rows if (row.encoder, row.loss) == (encoder, loss)), None)


def beside(dataset: str, setting: Mapping[str, Any]) -> tuple[Published, bool] | None:
    """The row to stand beside a run, and whether it is of the same setting; otherwise it is the paper's best system."""
    rows = published_for(dataset, setting)
    if not rows:
        return None
    same = same_setting(rows, setting)
    return (same, True) if same else (rows[-1], False)


def _encoder(identity: str) -> str:
    """LASER2 is another encoder than the paper's LASER."""
    family = identity.split("/", maxsplit=1)[0]
    return {"muse": "mUSE", "laser1": "LASER"}.get(family, identity)
