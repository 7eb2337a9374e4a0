"""Training of the embedded model: grammar, tokenizer, optimisation, evaluation.

It needs torch and transformers. Start with `training.train`.
"""
