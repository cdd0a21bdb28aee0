"""How reports hang together: what each states, from rows, and who repeats whom. Run by `dateline link`."""
