"""What reading the understanding's configuration can raise.

UnderstandingError
└── InvalidWords   a word file is not what its schema says; names the file and what is wrong
"""

from __future__ import annotations


class UnderstandingError(Exception):
    """Base of what the understanding raises; parsing a query never raises."""


class InvalidWords(UnderstandingError):
    """A configuration file of words that cannot be used."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason
