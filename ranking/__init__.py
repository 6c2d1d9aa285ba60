"""Numbers: the merchandiser's policy, the ranker, and models that learn from events. No HTTP, no engine.

A request uses `policy`, `ranker` (with `signals.Pool`), `model` (through `artifact.load`), `recommend` and
`experiments`; a training run uses `train`. Only `als`, which nothing that serves imports, knows `implicit`.
"""
