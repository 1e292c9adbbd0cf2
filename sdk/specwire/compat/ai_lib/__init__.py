"""The names of ai-lib-python, for programs whose import line is changed to this."""
