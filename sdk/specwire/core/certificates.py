"""Which certificates are trusted: a bundle that is named, the system's, certifi's.

``SPECWIRE_CERTIFICATES=system`` is for machines whose administrator has added an
authority of the company: truststore (extra ``truststore``) asks what the system asks,
the keychain of macOS, the store of Windows, OpenSSL's own places elsewhere. A bundle
that ``REQUESTS_CA_BUNDLE`` or a session names goes before.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from typing import Any, Final

from .errors import SpecwireError
from .extras import needed

VARIABLE: Final = "SPECWIRE_CERTIFICATES"


def chosen() -> ssl.SSLContext | None:
    """What the environment asks for; ``None`` for the usual.

    :raises SpecwireError: for a value that means nothing.
    """
    said = os.environ.get(VARIABLE, "").strip()
    if said not in ("", "system", "certifi"):
        raise SpecwireError(f"{VARIABLE}: expected 'system' or 'certifi', got {said!r}")
    return system() if said == "system" else None


def system() -> ssl.SSLContext:
    """TLS settings that trust whom the system trusts.

    :raises ImportError: without truststore.
    """
    with needed("truststore", f"{VARIABLE}=system"):
        import truststore
    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return context


def named() -> str | bool:
    """The bundle that the environment names, as requests reads it; else ``True``."""
    return (
        os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    )


def trusting(verify: Any, blank: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """TLS settings, made from ``blank``, that trust ``verify``: a path or ``True``.

    :raises OSError: where there is no such bundle.
    """
    context = chosen() if verify is True else None
    if context is None:
        import certifi

        place = certifi.where() if verify is True else verify
        if not os.path.exists(place):
            raise OSError(f"there is no bundle of certificates at {place}")
        context = blank()
        folder = os.path.isdir(place)
        context.load_verify_locations(*((None, place) if folder else (place, None)))
    return context
