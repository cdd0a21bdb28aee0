"""The reading room: the archive's own pages in Datasette, and the files that it publishes."""
