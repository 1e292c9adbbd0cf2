"""What threads share here: :mod:`specwire.core.shared`, by the name it has had."""

from __future__ import annotations

from ..core.shared import LEAST_WAIT_S as LEAST_WAIT_S
from ..core.shared import Shared as Shared
from ..core.shared import at_least as at_least
