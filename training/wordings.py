"""Other wordings of the shipped questions, used in training so that the model does not hang on one phrase.

The canonical wording comes from `llma.sensing.questions` and is asked half of the time.

>>> len(wordings("product_review")), wordings("product_review")[1][0]
(4, 'Is the product durable?')
"""

from __future__ import annotations

from llma.sensing.questions import questionnaire

PARAPHRASES: dict[str, tuple[str, ...]] = {
    "defects": (
        "Is something wrong with the item?",
        "Does the writer report a defect?",
        "Is the product faulty?",
        "Are there any defects?",
    ),
    "durable": (
        "Did the item last?",
        "Does the product last long?",
        "Is it durable?",
        "Is the product built to last?",
    ),
    "expect": (
        "Was the buyer's expectation met?",
        "Is the product as described?",
        "Does it meet expectations?",
        "Did the writer get what was expected?",
    ),
    "recommend": (
        "Would the reviewer recommend it?",
        "Is this a recommendation to buy?",
        "Should one buy the product?",
        "Is it recommended?",
    ),
    "insulting": (
        "Does the comment contain an insult?",
        "Is anybody insulted?",
        "Is this an insult?",
        "Does the writer insult people?",
    ),
    "dehumanizing": (
        "Does the comment deny that people are human?",
        "Are people compared with animals or things?",
        "Is this dehumanizing?",
        "Does the writer dehumanize people?",
    ),
    "humiliating": (
        "Does the comment try to humiliate?",
        "Are people held up to ridicule?",
        "Is this humiliating?",
        "Does the writer humiliate people?",
    ),
    "violence": (
        "Does the writer call for violence?",
        "Does the comment promote violence?",
        "Should somebody be hurt?",
        "Is there a call for violence?",
    ),
    "exclusion": (
        "Does the writer want a group gone?",
        "Does the comment promote exclusion of a group?",
        "Should a group be excluded?",
        "Is there a call to exclude people?",
    ),
    "respectful": (
        "Is the tone polite?",
        "Is this a respectful comment?",
        "Does the writer show respect?",
        "Is the writer polite?",
    ),
    "profit": (
        "Are the earnings good?",
        "Are the results good?",
        "Did the company do well?",
        "Is the profit good?",
    ),
    "price": (
        "Is the stock up?",
        "Did the shares rise?",
        "Is the share price higher?",
        "Did the stock gain?",
    ),
    "guidance": (
        "Is the outlook raised?",
        "Is the forecast better than before?",
        "Does the company expect more?",
        "Is the guidance higher?",
    ),
    "risk": (
        "Is there a new legal or operational risk?",
        "Does the company face a risk?",
        "Is there a new risk?",
        "Is there a risk ahead?",
    ),
}


def wordings(name: str) -> tuple[tuple[str, ...], ...]:
    """Return, for every question of a questionnaire, its wordings: the canonical one comes first."""
    return tuple((q.text, *PARAPHRASES[q.key]) for q in questionnaire(name).questions)
