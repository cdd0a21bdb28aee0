"""The sample newsroom: invented reports in the page shapes of real outlets, and a server for them."""
