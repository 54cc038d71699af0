"""Image encoders by name: our own small one in ONNX, the public ResNets and CLIP-like models through torch."""

from indexer.errors import MissingExtraError, UnknownModelError
from indexer.modelstore import ModelStore
from indexer.stages import ImageEncoder

# The public ResNet-50 of the model store has the stride of the original paper.
RESNETS = {"resnet50": "resnet50-v1", "resnet101": "resnet101", "resnet152": "resnet152"}


def load_encoder(name: str, store: ModelStore, device: str) -> ImageEncoder:
    """The encoder with its weights. Raises `UnknownModelError`, `ModelMissingError`, `MissingExtraError`."""
    if name == "starter":
        from indexer.embed.onnx import OnnxEncoder

        return OnnxEncoder(store.path("starter-image"), device)
    family, _, place = name.partition(":")
    if family == "joint" and place:
        from indexer.embed.joint import JointEncoder

        return JointEncoder(place, store, device)
    if name not in RESNETS:
        raise UnknownModelError(
            f"No image encoder is called '{name}': choose starter, {', '.join(RESNETS)} or joint:MODEL."
        )
    weights = store.path(name)
    try:
        from indexer.embed.pool5 import ResNetEncoder
    except ImportError as error:
        raise MissingExtraError("torch", f"The image encoder '{name}'") from error
    return ResNetEncoder(RESNETS[name], weights, store.sha256(name), device)
