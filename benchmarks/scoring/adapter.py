"""The library's sensor around a model with random weights, with the embedded tokenizer and its turns."""

from __future__ import annotations

from dataclasses import dataclass

from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from benchmarks.scoring.material import tokenizer
from llma.sensing import Questionnaire, TransformersSensor
from llma.sensing.batching import Room, plan
from llma.sensing.packing import Packed, pack
from llma.sensing.placing import find_device
from llma.sensing.scoring import gaps, room_for

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


@dataclass(frozen=True)
class Prefill:
    """The model's part of packed scoring: prompts are tokenised and packed before, answers stay logits."""

    model: LlamaForCausalLM
    passes: list[list[Packed]]
    labels: tuple[int, int]

    @classmethod
    def of(
        cls, sensor: TransformersSensor, model: LlamaForCausalLM, prompts: list[list[list[int]]]
    ) -> Prefill:
        """Cut the packed prompts into the passes of the sensor."""
        packed = [pack(one) for one in prompts]
        passes = plan([one.ids.size for one in packed], room_of(model))
        return cls(model, [[packed[i] for i in rows] for rows in passes], sensor.renderer.answer_ids)

    @property
    def texts(self) -> int:
        """How many texts the first pass takes."""
        return len(self.passes[0])

    def __call__(self) -> None:
        """Send all passes through the model."""
        for batch in self.passes:
            gaps(self.model, batch, self.labels)
