"""Checks of the input documents in ``openapi/``."""
