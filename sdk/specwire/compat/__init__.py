"""Drop-in modules: change the import line of a program and keep the program.

``specwire.compat.anthropic`` has the call surface of ``anthropic`` 0.77 to 0.121,
``specwire.compat.simstudio`` that of ``simstudio-sdk`` 0.1.1 to 0.2.1.
Nothing of it is loaded by ``import specwire``.
"""
