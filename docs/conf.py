"""How Sphinx builds these pages: ``make docs``, without the network."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent / "sdk")]
os.environ["COLUMNS"] = "86"  # the width of help, whatever the terminal has

from specwire import __version__  # noqa: E402

project = "specwire"
author = "the specwire authors"
release = version = __version__
html_title = f"specwire {release}"
html_theme = "furo"
html_static_path: list[str] = []
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}

extensions = ["myst_parser", "sphinx.ext.autodoc", "reference"]
exclude_patterns = ["_ext"]
nitpicky = True

# A heading can be linked to as on a code host: page.md#the-heading.
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
# What a block shows beside code: consoles hold "...", JSON its own dots.
highlight_language = "none"

autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_display_short_literal_types = True

# Types in signatures are the code's own: the standard library's and other packages'
# are documented elsewhere, and what is not public has no page.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!specwire\.).*"),
    (r"py:.*", r"specwire\.(.*\.)?(_.*|[A-Z](_co)?)"),
]
# ``type`` and ``Message`` in a signature fit several names; the nearest is taken.
suppress_warnings = ["ref.python"]
