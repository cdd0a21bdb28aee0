"""Reports of the past, from those who kept them: web archives and Common Crawl."""
