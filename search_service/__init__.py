"""The service: the only package that knows HTTP, the environment and the wiring.

Linear algebra runs on one thread: fold-ins are small, and a thread pool of the library's makes them wait for each
other (6–40 ms instead of 0.1 ms on a busy machine). It has to be said before numpy is loaded.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
