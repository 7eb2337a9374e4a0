"""The library's sensor around a model with random weights, with the embedded tokenizer and its turns."""

from __future__ import annotations

from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from benchmarks.scoring.material import tokenizer
from llma.sensing import Questionnaire, TransformersSensor
from llma.sensing.batching import Room, plan
from llma.sensing.packing import pack
from llma.sensing.placing import find_device
from llma.sensing.scoring import room_for

TEMPLATE = (
    "<s>{% for turn in messages %}<|{{ turn.role }}|>{{ turn.content }}"
    "{% if turn.role == 'assistant' %}</s>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def room_of(model: LlamaForCausalLM) -> Room:
    """Return what a pass may take, as the sensor estimates it."""
    return room_for(model, find_device(str(model.device)).memory)


def open_sensor(model: LlamaForCausalLM) -> TransformersSensor:
    """Return the sensor."""
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer(), bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )
    fast.add_special_tokens({"additional_special_tokens": ["<|user|>", "<|assistant|>"]})
    return TransformersSensor(model, fast, template=TEMPLATE, room=room_of(model), progress=False)


def prompts_of(sensor: TransformersSensor, texts: list[str], asked: Questionnaire) -> list[list[list[int]]]:
    """Return the tokenised prompts of every text, as the sensor reads them."""
    return [sensor.renderer.tokens(i, text, asked.questions) for i, text in enumerate(texts)]


def texts_a_pass(model: LlamaForCausalLM, prompts: list[list[list[int]]]) -> int:
    """Return how many texts the first pass of the sensor takes."""
    return len(plan([pack(one).ids.size for one in prompts], room_of(model))[0])
