"""The archive: captures in WARC files, the index in archive.db, and the search over it."""
