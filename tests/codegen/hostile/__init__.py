"""Documents that mean harm, one trick a file; ``test_hostile`` runs them all.

The first line of a file states the outcome: ``ok``, ``warning CODE...`` or
``exit 2 CODE...``, then ``operations N`` unless it is one, then a note. In JSON it is
the member ``x-expect``. ``x-wire`` lists texts that must arrive in the output as they
are. ``<<repeat 3|text {n} >>`` is written out by the runner ({m} is n + 1), so that
the files stay small.
"""
