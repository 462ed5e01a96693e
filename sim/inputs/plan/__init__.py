"""Plans: the tables of a place and year, and what they say together."""
