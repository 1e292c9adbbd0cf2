"""What the official module keeps in ``lib``: ``streaming`` and ``tools``."""
