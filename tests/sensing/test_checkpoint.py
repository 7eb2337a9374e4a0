import numpy as np
import pytest

from llma.sensing.checkpoint import llama_from_tensors, shape_from_config, tensor_shapes
from llma.sensing.llama import Shape


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "mistral"}, "model_type is 'mistral'"),
        ({"hidden_act": "gelu"}, "hidden_act is 'gelu'"),
        ({"attention_bias": True}, "attention_bias is True"),
        ({"mlp_bias": True}, "mlp_bias is True"),
        ({"rope_scaling": {"rope_type": "llama3", "factor": 8.0}}, "rope_type is 'llama3'"),
        ({"hidden_size": None}, "'hidden_size' is missing"),
        ({"num_key_value_heads": 3}, "cannot share 3 key-value heads"),
        ({"head_dim": 3}, "needs an even number"),
        ({"num_hidden_layers": 0}, "layers is 0"),
        ({"rms_norm_eps": 0.0}, "must be positive"),
    ],
)
def test_a_configuration_that_is_no_plain_llama_is_refused(change, message):
    config = {
        "model_type": "llama",
        "vocab_size": 9,
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 4,
        "intermediate_size": 8,
    } | change
    config = {name: value for name, value in config.items() if value is not None}
    with pytest.raises(ValueError, match=message):
        shape_from_config(config)


def test_old_configurations_keep_theta_at_the_top():
    config = {
        "model_type": "llama",
        "vocab_size": 9,
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 8,
        "rope_theta": 123.0,
    }
    shape = shape_from_config(config)
    assert (shape.theta, shape.kv_heads, shape.head_dim) == (123.0, 2, 4)


def test_a_checkpoint_that_does_not_fit_is_refused():
    shape = Shape(vocabulary=9, hidden=8, layers=1, heads=2, kv_heads=1, head_dim=4, ffn=16, context=8)
    tensors = {name: np.zeros(size) for name, size in tensor_shapes(shape).items()}
    with pytest.raises(ValueError, match=r"'model.norm.weight' has shape \(7,\).*asks for \(8,\)"):
        llama_from_tensors(shape, tensors | {"model.norm.weight": np.zeros(7)})
    del tensors["model.norm.weight"]
    with pytest.raises(ValueError, match=r"'model\.norm\.weight' has shape None"):
        llama_from_tensors(shape, tensors)
