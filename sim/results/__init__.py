"""What was found: odds as arrays with names, tables, and the manifest that tells how to repeat them.

Imports `model`, `inputs` and the ground. Stands beside `learning` and does not know it; nothing is simulated here.
"""
