"""The tokenizer: byte-level byte-pair encoding, learnt from the grammar's own texts.

Every byte has a token, so any text can be read; words of the grammar mostly have one token of their own.
Strange words (`training.words.STRANGE`) take no part in learning the merges.
"""

from __future__ import annotations

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from llma.sensing.questions import QUESTIONNAIRES
from training.grammar import Grammar
from training.wordings import wordings

PAD, BOS, EOS, USER, ASSISTANT = SPECIAL = ("<pad>", "<s>", "</s>", "<|user|>", "<|assistant|>")
INSTRUCTION = "Answer Yes or No only."
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}<|user|>{{ m['content'] }}"
    "{% else %}<|assistant|>{{ m['content'] }}{{ eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def learn(vocabulary: int, n_texts: int, rng: np.random.Generator) -> Tokenizer:
    """Learn the merges from `n_texts` texts of all templates and words, and from the questions."""
    grammar = Grammar("even", "even")
    corpus = [grammar.unlabelled(rng) for _ in range(n_texts)]
    asked = [w for name in QUESTIONNAIRES for group in wordings(name) for w in group]
    corpus += [f"\n\n{question}\n{INSTRUCTION}" for question in asked] * max(1, n_texts // 400)
    corpus += ["Yes", "No"] * 500
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


def answers(tokenizer: Tokenizer) -> tuple[int, int]:
    """Return the tokens of "No" and "Yes", in this order.

    Raises
    ------
    ValueError
        When one of them is not a single token.
    """
    ids = [tokenizer.encode(word).ids for word in ("No", "Yes")]
    for word, i in zip(("No", "Yes"), ids, strict=True):
        if len(i) != 1:
            raise ValueError(f"the answer {word!r} takes {len(i)} tokens; learn it as one token")
    return ids[0][0], ids[1][0]


def for_transformers(tokenizer: Tokenizer, max_length: int) -> PreTrainedTokenizerFast:
    """Wrap the tokenizer so that `transformers` loads it with its chat template."""
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=PAD,
        additional_special_tokens=[USER, ASSISTANT],
        model_max_length=max_length,
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast
