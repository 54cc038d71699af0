from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indexer.errors import UsageError
from indexer.views import View

rows = arrays(np.float32, (3, 4), elements=st.floats(-100, 100, width=32))


@given(rows)
def test_l2_leaves_vectors_as_they_are(vectors: np.ndarray) -> None:
    np.testing.assert_array_equal(View("l2").prepare(vectors), vectors)


@given(rows, arrays(np.float32, 4, elements=st.floats(-1, 1, width=32)))
def test_cosine_takes_the_centre_out_and_scales_to_length_one(vectors: np.ndarray, centre: np.ndarray) -> None:
    prepared = View("cosine", centre).prepare(vectors)
    wide = vectors.astype(np.float64) - centre
    lengths = np.linalg.norm(wide, axis=1)
    far = lengths > 1e-3
    np.testing.assert_allclose(prepared[far], wide[far] / lengths[far, None], atol=2e-3)
    np.testing.assert_allclose(np.linalg.norm(prepared[far], axis=1), 1, rtol=1e-5)


def test_a_vector_in_the_centre_stays_zero() -> None:
    centre = np.ones(4, np.float32)
    np.testing.assert_array_equal(View("cosine", centre).prepare(centre[None]), np.zeros((1, 4)))


@given(rows)
def test_queries_are_scaled_but_not_centred_and_only_once(vectors: np.ndarray) -> None:
    centred, plain = View("cosine", np.ones(4, np.float32)), View("cosine")
    once = centred.prepare_queries(vectors)
    np.testing.assert_array_equal(once, plain.prepare(vectors))
    np.testing.assert_allclose(centred.prepare_queries(once), once, atol=1e-6)


def test_identity_tells_metrics_and_centres_apart() -> None:
    centres = np.zeros(4, np.float32), np.ones(4, np.float32)
    views = [View("l2"), View("cosine"), *(View("cosine", centre) for centre in centres)]
    assert len({view.identity for view in views}) == 4
    assert View("cosine", np.ones(4, np.float32)).identity == views[3].identity


PROJECTION = np.array([[2, 0], [0, 1], [0, 0], [1, 0]], np.float32)


@pytest.mark.parametrize(("metric", "expected"), [("l2", [8, 6]), ("cosine", [0.8, 0.6])])
def test_a_projection_turns_what_the_centre_was_taken_out_of(metric: Literal["l2", "cosine"], expected: list) -> None:
    view = View(metric, np.ones(4, np.float32), PROJECTION)
    np.testing.assert_allclose(view.prepare(np.array([[4, 7, 9, 3]], np.float32)), [expected], atol=1e-6)
    assert view.dim(4) == 2
    np.testing.assert_allclose(view.prepare_queries(np.array([expected], np.float32)), [expected], atol=1e-6)


def test_identity_tells_projections_apart() -> None:
    centre = np.ones(4, np.float32)
    views = [View("cosine", centre), View("cosine", centre, PROJECTION), View("cosine", centre, 2 * PROJECTION)]
    assert len({view.identity for view in views}) == 3
    assert View("cosine", centre, PROJECTION.copy()).identity == views[1].identity


def test_a_centre_with_l2_is_refused() -> None:
    with pytest.raises(UsageError, match="no centre"):
        View("l2", np.zeros(4, np.float32))


def test_a_centre_of_another_space_than_the_projection_is_refused() -> None:
    with pytest.raises(UsageError, match="two spaces"):
        View("cosine", np.zeros(3, np.float32), PROJECTION)
