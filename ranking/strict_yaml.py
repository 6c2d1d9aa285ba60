"""YAML as plain values with the line of every key, refusing what a configuration never needs.

Refused: duplicate keys (the last would win silently), aliases (a small file can expand without bound), keys that are
no text, and more than one document.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from ranking.errors import PolicyError, Problem

Path: TypeAlias = tuple[str | int, ...]
MAX_BYTES = 4 << 20  # a policy of 10,000 rules is about 2 MB


@dataclass(slots=True)
class Lines:
    """Lines (from 1) of the keys and list members of one file."""

    of: dict[Path, int] = field(default_factory=dict)

    def near(self, path: Path) -> int | None:
        """Line of `path`, or of its nearest ancestor that stands in the file."""
        while path and path not in self.of:
            path = path[:-1]
        return self.of.get(path)


def show(path: Path) -> str:
    """`rules[2].when.from`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def read_yaml(data: bytes) -> tuple[Any, Lines]:
    """Plain value (None for an empty file) and its lines. Raises `PolicyError` with the line of the fault."""
    if len(data) > MAX_BYTES:
        raise PolicyError((Problem("", None, f"file has {len(data)} bytes, more than {MAX_BYTES}"),))
    lines = Lines()
    loader: yaml.SafeLoader | None = None
    try:
        loader = yaml.SafeLoader(data.decode("utf-8-sig"))
        node = loader.get_single_node()
        return (None if node is None else _plain(loader, node, (), lines, set())), lines
    except UnicodeDecodeError as error:
        raise PolicyError((Problem("", None, f"not UTF-8 at byte {error.start}"),)) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise PolicyError((Problem("", line, error.problem or "no valid YAML"),)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise PolicyError((Problem("", None, f"no valid YAML: {error}"),)) from None
    finally:
        if loader is not None:
            loader.dispose()


def _plain(loader: yaml.SafeLoader, node: yaml.Node, path: Path, lines: Lines, seen: set[int]) -> Any:
    line = node.start_mark.line + 1
    lines.of.setdefault(path, line)
    if not isinstance(node, yaml.ScalarNode) and id(node) in seen:
        raise PolicyError((Problem(show(path), line, "aliases are not allowed; write the value out"),))
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, path, lines, seen)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, child, (*path, i), lines, seen) for i, child in enumerate(node.value)]
    return loader.construct_object(node)


def _mapping(
    loader: yaml.SafeLoader, node: yaml.MappingNode, path: Path, lines: Lines, seen: set[int]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = loader.construct_object(key_node) if isinstance(key_node, yaml.ScalarNode) else None
        if not isinstance(key, str):
            raise PolicyError((Problem(show(path), line, "a key must be text; put it in quotes"),))
        if key in values:
            raise PolicyError((Problem(show((*path, key)), line, "key is given twice"),))
        lines.of[(*path, key)] = line
        values[key] = _plain(loader, value_node, (*path, key), lines, seen)
    return values
