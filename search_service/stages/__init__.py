"""The stages of a search, one module each; `search_service.pipeline` runs them."""
