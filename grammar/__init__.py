"""What the language of a report says: its figures, who states them, which outlets it names. Pure functions of text."""
