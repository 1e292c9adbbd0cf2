"""``ai_lib_python.routing``: the same names, and what its documents write of them."""

from __future__ import annotations

from ...routing import *  # noqa: F403
from ...routing import __all__ as _ours
from ...routing.strategies import (
    HealthBasedSelector as HealthBasedEndpointSelector,
)
from ...routing.strategies import (
    LeastConnectionsSelector as LeastConnectionsEndpointSelector,
)
from ...routing.strategies import (
    RoundRobinSelector as RoundRobinEndpointSelector,
)
from ...routing.strategies import Selector as EndpointSelector
from ...routing.strategies import Selector as ModelSelector
from ...routing.strategies import WeightedSelector as WeightedEndpointSelector

__all__ = [
    *_ours,
    "EndpointSelector",
    "HealthBasedEndpointSelector",
    "LeastConnectionsEndpointSelector",
    "ModelSelector",
    "RoundRobinEndpointSelector",
    "WeightedEndpointSelector",
]
