"""The chat providers of the sandbox: four dialects, and each provider's own ways.

A provider lies below its id: ``/openai/v1/chat/completions``. :mod:`.desk` takes the
requests, a module per dialect reads and writes, and what is answered comes from the
Messages service (:mod:`.telling`): one conversation in four languages.
"""
