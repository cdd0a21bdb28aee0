"""What the language of a report says: its figures, who states them, which outlets it names. Pure functions of text."""

# Raised with every change that reads a text otherwise: `dateline link` then reads what an older grammar has read again.
VERSION = 1
