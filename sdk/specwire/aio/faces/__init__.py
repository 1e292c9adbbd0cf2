"""Async faces of helpers, written from their synchronous classes."""
