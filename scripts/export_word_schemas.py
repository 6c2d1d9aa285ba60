"""Write the JSON Schemas of the vocabulary and the word files to `config/schemas/`.

    PYTHONPATH=. python scripts/export_word_schemas.py

A test holds the committed files to what this writes.
"""

from __future__ import annotations

import json
from pathlib import Path

from indexers.vocabulary import row_schemas
from search_service.understanding.words import word_schemas

FOLDER = Path(__file__).resolve().parent.parent / "config" / "schemas"


def documents() -> dict[str, str]:
    """File name → content."""
    schemas = {**row_schemas(), **word_schemas()}
    return {
        f"{name}.schema.json": json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
        for name, schema in schemas.items()
    }


def main() -> None:
    """Write every schema."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
