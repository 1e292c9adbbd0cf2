"""What callers see when the network or the server misbehaves: one table of cases.

``script`` and ``server`` play faults byte by byte, ``table`` holds the cases as data,
``client`` is what a library must offer to be put to them, ``run`` runs one case and
judges it. ``bench/faults.py`` runs the same table against other libraries.
"""
