"""What Dateline adds to Scrapy's crawl: captures, politeness, the frontier, the crawl's log."""
