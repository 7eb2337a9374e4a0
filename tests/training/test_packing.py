"""Packed training sequences: one row of the packed model equals one prompt alone."""

import numpy as np
import pytest
from tokenizers import Tokenizer, models

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from llma.sensing.questions import PRODUCT_REVIEW, prompt  # noqa: E402
from training.data import Source  # noqa: E402
from training.grammar import Grammar  # noqa: E402
from training.optimise import Recipe, new_model  # noqa: E402
from training.packing import HEAD, IGNORE, collate, pack  # noqa: E402
from training.tokens import ASSISTANT, INSTRUCTION, answers, learn  # noqa: E402

SMALL = Recipe(vocabulary=400, width=32, layers=2, feed_forward=48, context=256)


@pytest.fixture(scope="module")
def tokenizer():
    return learn(SMALL.vocabulary, 300, np.random.default_rng(0))


def last_logits(model, ids):
    with torch.inference_mode():
        return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1]


def test_a_packed_tail_is_the_prompt_alone_also_when_the_text_is_cut(tokenizer):
    torch.manual_seed(0)
    model = new_model(SMALL).eval()
    text = tokenizer.encode("<s><|user|>The lid was cracked, but it held up. Buy it!").ids
    tails = [
        tokenizer.encode(f"\n\n{q.text}\n{INSTRUCTION}{ASSISTANT}").ids for q in PRODUCT_REVIEW.questions
    ]
    reads = [len(text), HEAD + 3, HEAD + 1, len(text)]
    packed = pack(text, tails, reads=reads, labels=[7, 8, 9, 7], answered=[True, False, True, False], stop=2)
    other = pack(text[:5], tails[:1], reads=[5], labels=[7], answered=[False], stop=2)
    ids, positions, mask, targets = collate([other, packed])  # the longer one pads the other
    with torch.inference_mode():
        hidden = model.model(
            input_ids=ids, position_ids=positions, attention_mask=mask, use_cache=False
        ).last_hidden_state
        logits = model.lm_head(hidden[1])
    ends = np.flatnonzero(targets[1].numpy() != IGNORE)
    alone = []
    for tail, n, label, goes_on in zip(tails, reads, [7, 8, 9, 7], [True, False, True, False], strict=True):
        alone.append(last_logits(model, text[:n] + tail))
        if goes_on:
            alone.append(last_logits(model, [*text[:n], *tail, label]))
    assert targets[1][ends].tolist() == [7, 2, 8, 9, 2, 7]
    np.testing.assert_allclose(logits[ends].numpy(), torch.stack(alone).numpy(), atol=1e-5)


def test_tokens_of_text_and_tail_are_the_tokens_of_the_prompt(tokenizer):
    grammar, rng = Grammar("all", "all"), np.random.default_rng(1)
    for _ in range(200):
        text = grammar.sample(rng, "product_review").text
        question = PRODUCT_REVIEW.questions[int(rng.random() * 4)].text
        joined = tokenizer.encode(prompt(text, question)).ids
        parts = (
            tokenizer.encode(f"<s><|user|>{text}").ids
            + tokenizer.encode(f"\n\n{question}\n{INSTRUCTION}{ASSISTANT}").ids
        )
        assert joined == parts


def test_supervised_batches_hold_known_statements_only(tokenizer):
    """The source asks about its labelled grammar; the targets are the drawn attributes and stops."""
    source = Source(tokenizer, Grammar("known", "known"), Grammar("even", "even"))
    no, yes = answers(tokenizer)
    packs = source.labelled_batch(12, np.random.default_rng(2))
    assert [len(p) for p in packs] == sorted(len(p) for p in packs)
    for p in packs:
        targets = p.targets[p.targets != IGNORE]
        assert set(targets.tolist()) <= {no, yes, 2}
        assert (p.reads[p.segments > 0] > HEAD).all()
        assert (p.reads <= (p.segments == 0).sum()).all()


def test_answers_must_be_single_tokens():
    with pytest.raises(ValueError, match="the answer 'No' takes 0 tokens"):
        answers(Tokenizer(models.BPE()))
