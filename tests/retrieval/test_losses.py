"""The objectives on a worked example: three texts and three images in the plane, image i of text i."""

import numpy as np
import pytest
import torch

from retrieval.losses import hardest_negatives, info_nce, m3l, patr, squared_distances

TEXTS = torch.tensor([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0]])
IMAGES = torch.tensor([[2.0, 0.0], [0.0, 1.0], [1.0, 3.0]])
PHOTOS = torch.arange(3)
NEGATIVES = torch.tensor([1, 2, 0])


def test_distances_are_squared() -> None:
    expected = [[1, 2, 9], [8, 1, 2], [10, 13, 4]]
    np.testing.assert_allclose(squared_distances(TEXTS, IMAGES), expected, atol=1e-5)
    np.testing.assert_allclose(squared_distances(TEXTS, TEXTS)[[0, 0, 1], [1, 2, 2]], [5, 13, 10], atol=1e-5)


def test_hardest_negative_is_the_nearest_image_of_another_photo() -> None:
    assert hardest_negatives(TEXTS, IMAGES, PHOTOS).tolist() == NEGATIVES.tolist()


def test_another_caption_of_the_same_photo_is_no_negative() -> None:
    assert hardest_negatives(TEXTS, IMAGES, torch.tensor([0, 0, 2])).tolist() == [2, 2, 0]


def test_hardest_negatives_in_half_precision_leave_out_the_diagonal() -> None:
    assert hardest_negatives(TEXTS.half(), IMAGES.half(), PHOTOS).tolist() == NEGATIVES.tolist()


@pytest.mark.parametrize(
    ("rho", "expected", "mean"),
    [(1.0, [0.45, 0.35, 0.507692], 0.435897), (4.0, [0.03285, 0.03135, 0.021763], 0.028654)],
)
def test_m3l(rho: float, expected: list[float], mean: float) -> None:
    loss = m3l(TEXTS, IMAGES, NEGATIVES, rho=rho)
    np.testing.assert_allclose(loss, expected, atol=1e-5)
    assert loss.mean().item() == pytest.approx(mean, abs=1e-5)


def test_m3l_terms() -> None:
    np.testing.assert_allclose(m3l(TEXTS, IMAGES, NEGATIVES, text_weight=0), [0.03125, 0.03125, 0.0128], atol=1e-5)
    np.testing.assert_allclose(m3l(TEXTS, IMAGES, NEGATIVES, image_weight=0), [0.0016, 0.0001, 0.008963], atol=1e-5)


def test_m3l_is_not_that_of_unsquared_distances() -> None:
    halved = m3l(TEXTS, IMAGES, NEGATIVES, rho=2.0)
    np.testing.assert_allclose(halved, [0.165, 0.135, 0.174675], atol=1e-5)
    assert halved.mean().item() == pytest.approx(0.158225, abs=1e-5)


def test_negative_text_is_the_negative_images_own() -> None:
    mined_apart = 0.5 * np.array([2, 2, 10.0]) ** -4 * np.array([1, 1, 256]) + np.array([0.2, 0.2, 0.4]) ** 4
    np.testing.assert_allclose(mined_apart, [0.03285, 0.03285, 0.0384], atol=1e-5)
    assert not np.allclose(m3l(TEXTS, IMAGES, NEGATIVES), mined_apart, atol=1e-5)


def test_m3l_gradient_reaches_the_negatives_text() -> None:
    texts = TEXTS.clone().requires_grad_()
    m3l(texts, IMAGES, NEGATIVES).mean().backward()  # type: ignore[no-untyped-call]
    assert texts.grad is not None
    expected = [[-0.126443, 0.048889], [0.0426, 0.123587], [0.021847, -0.015783]]
    np.testing.assert_allclose(texts.grad, expected, atol=1e-5)


def test_m3l_of_long_vectors_stays_finite() -> None:
    assert torch.isfinite(m3l(TEXTS * 1e4, IMAGES * 1e4, NEGATIVES)).all()
    assert torch.isfinite(m3l(torch.zeros(2, 2), torch.zeros(2, 2), torch.tensor([1, 0]))).all()


@pytest.mark.parametrize(
    ("margin", "expected", "mean"), [(10.0, [9, 9, 4], 7.333333), (1100.0, [1099, 1099, 1094], 1097.333333)]
)
def test_patr(margin: float, expected: list[float], mean: float) -> None:
    loss = patr(TEXTS, IMAGES, NEGATIVES, margin=margin)
    np.testing.assert_allclose(loss, expected, atol=1e-4)
    assert loss.mean().item() == pytest.approx(mean, abs=1e-4)


def test_info_nce_by_hand() -> None:
    texts, images = torch.tensor([[1.0, 0.0], [0.0, 3.0]]), torch.tensor([[2.0, 0.0], [1.0, 1.0]])
    logits = np.array([[1, 0.5**0.5], [0, 0.5**0.5]]) * 2
    rows = np.log(np.exp(logits).sum(1)) - np.diag(logits)
    columns = np.log(np.exp(logits).sum(0)) - np.diag(logits)
    loss = info_nce(texts, images, torch.arange(2), torch.tensor(2.0))
    assert loss.item() == pytest.approx((rows.mean() + columns.mean()) / 2, abs=1e-6)


def test_info_nce_does_not_push_captions_of_one_photo_apart() -> None:
    same = info_nce(TEXTS[:2], IMAGES[:2], torch.tensor([7, 7]), torch.tensor(10.0))
    assert same.item() == pytest.approx(0, abs=1e-6)


def test_negatives_with_nearly_the_same_caption_leave_the_text_term_out() -> None:
    bounded = m3l(TEXTS, IMAGES, NEGATIVES, least_text_distance=11.0)
    np.testing.assert_allclose(bounded, [0.03125, 0.03125, 0.021763], atol=1e-5)


def test_an_exact_duplicate_has_a_finite_gradient_when_it_is_left_out() -> None:
    texts = torch.tensor([[1.0, 0.0], [1.0, 0.0], [3.0, 3.0]], requires_grad=True)
    m3l(texts, IMAGES, NEGATIVES, least_text_distance=1.0).mean().backward()  # type: ignore[no-untyped-call]
    assert texts.grad is not None
    assert texts.grad.abs().max() < 1
