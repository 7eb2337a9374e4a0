"""Decoders with random weights and tokenizers trained here, for tests of the sensor in torch.

Weights are drawn with a large spread: a pass that is wrong by one position must show in the answers.
"""

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast
from transformers.models.auto import CONFIG_MAPPING

CORPUS = [
    "The kettle broke after two days and the lid is loose.",
    "A sturdy chair, well made; I would buy it again.\n\nIs the product durable?\nAnswer Yes or No only.",
    *["Yes", "No", "x Yes", "x No", "yes", "no"] * 9,
]
VOCABULARY = 360

# Four layouts of turns, as chat models have them, in our own words.
CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# The system's turn holds a date, and the content is trimmed.
DATED = (
    "{{ bos_token }}{% if not date_string is defined %}{% set date_string = strftime_now('%d %b %Y') %}"
    "{% endif %}"
    "{{ '<|start|>system<|end|>\n\nToday Date: ' + date_string + '<|eot|>' }}"
    "{% for m in messages %}{{ '<|start|>' + m.role + '<|end|>\n\n' + m.content | trim + '<|eot|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant<|end|>\n\n' }}{% endif %}"
)
ALWAYS_DATED = "{{ strftime_now('%d %B %Y') + '\n' }}" + CHATML
BRACKETS = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ '[INST] ' + m.content + ' [/INST]' }}"
    "{% else %}{{ ' ' + m.content + eos_token }}{% endif %}{% endfor %}"
)
# Without `enable_thinking=false` the model thinks first; with it the block is there and empty.
THINKING = CHATML.replace(
    "assistant\n' }}",
    "assistant\n<think>\n' }}{% if enable_thinking is defined and enable_thinking is false %}"
    "{{ '\n</think>\n\n' }}{% endif %}",
)
WORDS = (
    "{% for m in messages %}{% if m.role == 'user' %}{{ 'USER: ' + m.content }}{% else %}"
    "{{ ' ASSISTANT: ' + m.content }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ ' ASSISTANT:' }}{% endif %}"
)
SPECIAL = {
    CHATML: ["<|im_start|>", "<|im_end|>"],
    ALWAYS_DATED: ["<|im_start|>", "<|im_end|>"],
    THINKING: ["<|im_start|>", "<|im_end|>"],
    DATED: ["<|start|>", "<|end|>", "<|eot|>"],
    BRACKETS: [],
    WORDS: [],
}


def make_tokenizer(template=CHATML, **settings):
    """A byte-level tokenizer, trained in milliseconds, in which Yes and No are ordinary tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - 10,
        special_tokens=["<s>", "</s>", *SPECIAL.get(template, [])],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    made = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", **settings)
    made.chat_template = template
    return made


def make_blank_tokenizer(template):
    """A tokenizer as LLaMA 2 has it: blanks are letters, one is put in front, the rest is spelt in bytes.

    It also brings what must not happen to a prompt: a token at its beginning, a limit, and padding.
    """
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    pieces += ["▁", *"YesNoabcdhiklntrw", "Ye", "Yes", "No", "▁Yes", "▁No"]
    pieces = list(dict.fromkeys(pieces))
    merges = [("Y", "e"), ("Ye", "s"), ("N", "o"), ("▁", "Yes"), ("▁", "No")]
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(
        models.BPE(vocabulary, merges, byte_fallback=True, unk_token="<unk>", fuse_unk=True)
    )
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.enable_truncation(12)
    tokenizer.enable_padding(length=300, pad_token="</s>", pad_id=2)
    made = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )
    made.chat_template = template
    return made


def make_model(model_type="llama", seed=0, attention="sdpa", **settings):
    """A decoder of two layers with random weights, biases and norms."""
    sizes = {
        "vocab_size": VOCABULARY,
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "head_dim": 4,
        "max_position_embeddings": 512,
        "pad_token_id": None,
        "bos_token_id": 0,
        "eos_token_id": 1,
    }
    config = CONFIG_MAPPING[model_type](**{**sizes, **settings})
    model = AutoModelForCausalLM.from_config(config, attn_implementation=attention)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 2.4 / config.hidden_size**0.5, generator=generator)
    return model.eval()


def save(folder, model, tokenizer):
    """Write a folder in the Hugging Face format."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def one_at_a_time(model, tokenizer, texts, wordings, labels=("Yes", "No"), **variables):
    """P(yes) by transformers alone: each prompt in a call of its own, all logits, softmax over the labels."""
    rows = []
    for text in texts:
        row = []
        for wording in wordings:
            turn = {
                "role": "user",
                "content": f"{text}\n\n{wording}\nAnswer {labels[0]} or {labels[1]} only.",
            }
            ids = tokenizer.apply_chat_template(
                [turn], add_generation_prompt=True, tokenize=True, return_tensors="pt", **variables
            )["input_ids"]
            row.append((ids, model(input_ids=ids, use_cache=False).logits[0, -1].detach().double()))
        rows.append(row)
    return rows


def chances(rows, labels):
    """P(yes) of the logits of `one_at_a_time`."""
    return torch.stack(
        [torch.stack([torch.softmax(scores[list(labels)], 0)[0] for _, scores in row]) for row in rows]
    ).numpy()
