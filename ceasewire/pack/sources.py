"""Where a pattern stands in the files of its pack, by the name that mentions carry."""

from collections.abc import Iterable

from ceasewire.pack.load import Pack


def place_of(packs: Iterable[Pack], pattern: str) -> str | None:
    """file:line of a pattern named as in `Mention.pattern`; None where no pack has it."""
    name, _, number = pattern.rpartition("#")
    parts = name.split("/")
    if not number.isdecimal():
        return None
    if len(parts) == 2:
        return _of_issue(packs, parts[0], parts[1], int(number))
    if len(parts) in (3, 4):
        kind, id, *rest = parts
        key, language = ("names", rest[0]) if len(rest) == 1 else (rest[0], rest[1])
        return _of_name(packs, f"{kind}s", id, key, language, int(number))
    return None


def _of_issue(packs: Iterable[Pack], pack_id: str, issue_id: str, number: int) -> str | None:
    for pack in (pack for pack in packs if pack.id == pack_id):
        for lines, file in zip(pack.lines, pack.files, strict=True):
            for index, issue in enumerate(file.issues):
                if issue.id != issue_id:
                    continue
                left = number
                for language, patterns in issue.patterns.items():
                    if left < len(patterns):
                        return f"{lines.file}:{lines.line(('issues', index, 'patterns', language, left))}"
                    left -= len(patterns)
    return None


def _of_name(packs: Iterable[Pack], kind: str, id: str, key: str, language: str, number: int) -> str | None:
    for pack in packs:
        for lines, file in zip(pack.lines, pack.files, strict=True):
            for index, one in enumerate(getattr(file, kind, ())):
                if one.id == id and number < len(getattr(one, key, {}).get(language, ())):
                    return f"{lines.file}:{lines.line((kind, index, key, language, number))}"
    return None
