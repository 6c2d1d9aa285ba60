"""A brute-force oracle of fitment and a generator of catalogues to ask it about."""
