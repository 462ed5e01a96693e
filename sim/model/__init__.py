"""The law of motion as arrays: growth, deliveries, milestones, what a scenario does to them, and when a target is met.

No random numbers and no files. Imports `inputs` and the ground; knows nothing of how numbers were fitted, of odds, or
of who simulates.
"""
