"""Links in, Captures out: outlets, their page layouts, and the ways in which their pages are found."""
