"""A year of the sample newsroom: what its outlets do day by day, for `dateline demo --year`."""
