"""State that changes by the minute and belongs to no generation: stock, prices, users, events, policies, pointers.

`port.LiveStore` is what is asked of a store; `sqlite` and `opensearch` are the two that answer. `view.LiveView` is
the copy in memory that requests read, `policies.Policies` and `rows` / `loading` stand on the port alone.
"""
