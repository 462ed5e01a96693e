"""What people write: plans, scenarios, calibrations, histories and outlooks, read from files and checked.

Every fault is found here, with its file, line and column, what is allowed and how to mend it; what has passed is
trusted everywhere else. Imports the ground only (`errors`, `html`, `_typing`, `_version`): nothing is modelled,
simulated or drawn here.
"""
