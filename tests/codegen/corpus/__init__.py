"""Whole documents, generated, called and read back: ours, and shared ones if there."""
