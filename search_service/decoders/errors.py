"""What the decoders refuse.

DecoderError
└── TableUnreadable   a table has no header, or lacks a column without which no row means anything
"""

from __future__ import annotations


class DecoderError(Exception):
    """Base of everything the decoders raise on purpose."""


class TableUnreadable(DecoderError):
    """The file as a whole cannot be read; `file` is its name as given, `reason` what is missing."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason
