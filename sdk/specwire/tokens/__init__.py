"""Tokens: how many a request has, what they cost, and what of it fits.

>>> from specwire.tokens import count_tokens
>>> count_tokens("Hello there", model="openai/gpt-4o", exact=False)
2

A count says where it comes from: ``by`` is ``server``, ``tiktoken`` or ``estimate``,
and ``estimated`` is true for the last one. The names load when they are first used.
"""

from __future__ import annotations

from ..core.lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .asking import count_tokens as count_tokens
    from .cost import Cost as Cost
    from .cost import CostEstimator as CostEstimator
    from .counters import CachingCounter as CachingCounter
    from .counters import EstimatingCounter as EstimatingCounter
    from .counters import TiktokenCounter as TiktokenCounter
    from .counters import TokenCounter as TokenCounter
    from .counts import TokenCount as TokenCount
    from .errors import TokenizerError as TokenizerError
    from .estimating import estimate as estimate
    from .fitting import fit as fit
    from .models import context_window as context_window

_HOMES = {
    "CachingCounter": ".counters",
    "Cost": ".cost",
    "CostEstimator": ".cost",
    "EstimatingCounter": ".counters",
    "TiktokenCounter": ".counters",
    "TokenCount": ".counts",
    "TokenCounter": ".counters",
    "TokenizerError": ".errors",
    "context_window": ".models",
    "count_tokens": ".asking",
    "estimate": ".estimating",
    "fit": ".fitting",
}

__all__ = [
    "CachingCounter",
    "Cost",
    "CostEstimator",
    "EstimatingCounter",
    "TiktokenCounter",
    "TokenCount",
    "TokenCounter",
    "TokenizerError",
    "context_window",
    "count_tokens",
    "estimate",
    "fit",
]

__getattr__, __dir__ = lazily(__name__, _HOMES, package=__name__)
