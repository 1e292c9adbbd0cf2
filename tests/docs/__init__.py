"""The pages of ``docs/`` are true and whole."""
