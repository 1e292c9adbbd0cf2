"""The system's own certificates in place of certifi's, where a variable asks for them.

``SPECWIRE_CERTIFICATES=system`` is for machines whose administrator has added an
authority of the company: truststore (extra ``truststore``) asks what the system asks,
the keychain of macOS, the store of Windows, OpenSSL's own places elsewhere. A bundle
that ``REQUESTS_CA_BUNDLE`` or a session names goes before.
"""

from __future__ import annotations

import os
import ssl
from typing import Final

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
