"""Inputs nobody wrote: for each reader of foreign bytes a property that always holds.

A target (``targets/``) is ``check(data: bytes) -> None``, which fails where its
property does not hold. Three drivers share it: the kept inputs of ``corpus/<target>/``
(``test_corpus``), structured inputs of Hypothesis (``test_shapes``), and inputs that
coverage guides (``guided``, with atheris, where there is a wheel of it).
"""
