"""Published figures: what a plan's year has shown so far."""
