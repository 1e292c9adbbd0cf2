"""The hand-written core: everything that generated code and the layers above stand on.

Decisions (``wire``, ``errors``, ``retry``, ``sse``, ``jsonl``, ``codec``, ``types``,
``hooks``, ``auth``, ``multipart``, ``results``) are pure: bytes in, values out. Only
``engine`` loops and sleeps, and only ``session`` talks to the network.
"""
