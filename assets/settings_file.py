"""Read a settings file, YAML, as text: a code such as `no` and a number with a leading zero stay what they are."""

from pathlib import Path
from typing import Any

import yaml

from models.public_format.imported import ImportRefused
from models.public_format.said import Place, Said

_LONGEST, _DEEPEST = 1 << 20, 12


def read_said(path: Path, option: str) -> Said:
    """Return a YAML file's content with the line of every key; ImportRefused if it is no readable YAML.

    option: the command's option that names the file, for the next step.
    """
    try:
        with path.open(encoding="utf-8-sig") as handle:
            text = handle.read(_LONGEST)
        _require_shallow(path, text, option)
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ImportRefused(
            f"{path.name}, line {line}: it is not readable YAML ({error.problem}); correct the line, mind the indents"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ImportRefused(f"{path.name}: it is not readable YAML in UTF-8; save it again as UTF-8") from None
    except OSError as error:
        raise ImportRefused(f"{path.name}: it cannot be read ({error.strerror}); name the file with {option}") from None
    lines: dict[Place, int] = {}
    return Said(path.name, _plain(path.name, node, (), lines), lines)


def _require_shallow(path: Path, text: str, option: str) -> None:
    """Refuse what would take endless time or memory to build: too long, too deep, or with references."""
    if len(text) == _LONGEST:
        raise ImportRefused(
            f"{path.name}: it is longer than a megabyte, and never needs to be; name the right file with {option}"
        )
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST or isinstance(event, yaml.AliasEvent):
            raise ImportRefused(
                f"{path.name}, line {event.start_mark.line + 1}: write it out, without references or more depth"
            )


def _plain(file: str, node: yaml.Node | None, place: Place, lines: dict[Place, int]) -> Any:
    if node is None:
        return ""
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(file, item, (*place, str(n)), lines) for n, item in enumerate(node.value, 1)]
    if not isinstance(node, yaml.MappingNode):
        return node.value
    found: dict[str, Any] = {}
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in found:
            raise ImportRefused(f"{file}, line {line}, {'.'.join((*place, name))}: the key stands twice; keep one")
        lines[(*place, name)] = line
        found[name] = _plain(file, value, (*place, name), lines)
    return found
