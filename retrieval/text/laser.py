"""LASER 1 and 2: a BiLSTM over a sentence's tokens, and the maximum of its states over time.

Artetxe and Schwenk 2019, "Massively Multilingual Sentence Embeddings for Zero-Shot Cross-Lingual Transfer and Beyond",
section 3; LASER2 (Heffernan et al. 2022) is the same network over other tokens. The published checkpoints are read as
they are; LASER3 has another network, one for each language, and is refused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from indexer.errors import ModelIntegrityError
from indexer.modelstore import ModelStore
from indexer.stages import Vectors
from retrieval.text.language import LANGUAGES
from retrieval.text.laser_tokens import Laser1Tokens, Laser2Tokens

PAD, EOS, UNKNOWN = 1, 2, 3
"""Numbers of <pad>, </s> and <unk>; <s> is 0 and is not used."""
MOST_TOKENS = 12_000
MOST_SENTENCES = 256
SIZES = ("num_embeddings", "embed_dim", "hidden_size", "num_layers", "bidirectional")

Tokenise = Callable[[str, str | None], list[str]]


class LaserNetwork(nn.Module):
    """Token embeddings, a stack of LSTMs in both directions, max-pooling; sizes as the checkpoint's `params` say."""

    def __init__(
        self, num_embeddings: int, embed_dim: int, hidden_size: int, num_layers: int, bidirectional: bool
    ) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(num_embeddings, embed_dim, padding_idx=PAD)
        self.lstm = nn.LSTM(embed_dim, hidden_size, num_layers, bidirectional=bidirectional, batch_first=True)
        self.dim = hidden_size * (2 if bidirectional else 1)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Token numbers int64 [n, T], padded on the right, longest first, and lengths int64 [n], to [n, dim]."""
        packed = pack_padded_sequence(self.embed_tokens(tokens), lengths, batch_first=True)
        states, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return pool(states, tokens == PAD)


def pool(states: Tensor, padded: Tensor) -> Tensor:
    """The maximum over time, [n, T, d] to [n, d], over all positions that are not `padded` (bool [n, T])."""
    return states.masked_fill(padded[..., None], -torch.inf).amax(dim=1)


class LaserEncoder:
    """Sentences to vectors that are not of unit length; LASER2's components lie between 1e-5 and 1e-2."""

    languages = LANGUAGES

    def __init__(
        self, network: LaserNetwork, dictionary: Mapping[str, int], tokenise: Tokenise, identity: str, device: str
    ) -> None:
        self._device = torch.device(device)
        self._network = network.to(self._device).eval()
        self._dictionary = dictionary
        self._tokenise = tokenise
        self.identity = identity
        self.dim = network.dim

    @torch.inference_mode()
    def encode(self, texts: Sequence[str], language: str | None = None) -> Vectors:
        """n sentences to float32 [n, dim]; LASER1 detects the language of each where none is given."""
        numbers = [self._numbers(text, language) for text in texts]
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for rows in _batches([len(row) for row in numbers]):
            lengths = torch.tensor([len(numbers[row]) for row in rows])
            tokens = torch.full((len(rows), int(lengths[0])), PAD)
            for place, row in enumerate(rows):
                tokens[place, : len(numbers[row])] = torch.tensor(numbers[row])
            vectors[rows] = self._network(tokens.to(self._device), lengths).float().cpu().numpy()
        return vectors

    def _numbers(self, text: str, language: str | None) -> list[int]:
        return [*(self._dictionary.get(token, UNKNOWN) for token in self._tokenise(text, language)), EOS]


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Rows, longest first (equal ones in order), in batches of at most 12,000 padded tokens and 256 sentences."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    while order:
        count = max(1, min(MOST_SENTENCES, MOST_TOKENS // lengths[order[0]]))
        yield order[:count]
        order = order[count:]


def load_laser(name: str, store: ModelStore, device: str = "cpu") -> LaserEncoder:
    """`laser1` or `laser2` from the model store. Raises `ModelMissingError`, `ModelIntegrityError`."""
    weights = store.path(name)
    files = ("codes", "vocab") if name == "laser1" else ("pieces",)
    paths = [store.path(f"{name}-{file}") for file in files]
    network, dictionary = read_checkpoint(weights)
    tokenise: Tokenise = Laser1Tokens(*paths) if name == "laser1" else Laser2Tokens(*paths)
    # What the tokens are made with belongs to the encoder as much as its weights do.
    digits = "-".join(store.sha256(part)[:8] for part in (name, *(f"{name}-{file}" for file in files)))
    return LaserEncoder(network, dictionary, tokenise, f"{name}/{digits}", device)


def read_checkpoint(file: Path) -> tuple[LaserNetwork, dict[str, int]]:
    """The network (float32) and the dictionary, token to number. Raises `ModelIntegrityError`."""
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise ModelIntegrityError(
            f"The file {file.name} holds more than weights, as LASER3's files do: choose laser2.pt or LASER1's."
        ) from error
    except (RuntimeError, EOFError) as error:
        raise ModelIntegrityError(f"The file {file.name} is damaged: get it anew.") from error
    return _build(state, file.name)


def _build(state: Any, name: str) -> tuple[LaserNetwork, dict[str, int]]:
    if isinstance(state, dict) and "cfg" in state:
        raise ModelIntegrityError(
            f"The file {name} is of LASER3, which is another network: choose laser2.pt or LASER1's."
        )
    try:
        network = LaserNetwork(**{size: state["params"][size] for size in SIZES})
        network.load_state_dict({key: value.float() for key, value in state["model"].items()})
        dictionary = {str(token): int(number) for token, number in state["dictionary"].items()}
    except (KeyError, TypeError, AttributeError, ValueError, RuntimeError) as error:
        raise ModelIntegrityError(f"The file {name} is no checkpoint of LASER 1 or 2: get it anew.") from error
    dictionary |= {"<s>": 0, "<pad>": PAD, "</s>": EOS, "<unk>": UNKNOWN}
    if max(dictionary.values()) >= network.embed_tokens.num_embeddings:
        raise ModelIntegrityError(f"The file {name} has fewer embeddings than tokens: get it anew.")
    return network, dictionary
