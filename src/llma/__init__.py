"""The helper library of the interacting-LLMs book: mathematics first, language models at arm's length.

`import llma` is light: it loads neither torch, transformers nor openai. Every module is one idea; read them
from the ground up: `checks`, `bayes`, `likelihood`, `social`, then `sensing`, `figures`, `explore`.
"""

__version__ = "0.1.0"
