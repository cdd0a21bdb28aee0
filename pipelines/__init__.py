"""What happens to a Capture: extract → normalise → store, one job each."""
