"""The pages of docs/ say what the code does."""

import re
from pathlib import Path

import pytest

from ceasewire.config.channels import ChannelList, read_channels
from ceasewire.config.feeds import read_feeds
from ceasewire.config.lines import read_yaml
from ceasewire.config.rules import read_rule
from ceasewire.grammar import parse
from embedded.docs import main, pages

DOCS = Path(__file__).parents[2] / "docs"
PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_code_is_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name], "make docs"


def test_the_pages_are_written(tmp_path: Path) -> None:
    main([str(tmp_path / "new")])
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(PAGES)


def test_links_between_pages_lead_somewhere() -> None:
    dead = []
    for page in DOCS.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (DOCS / target).exists():
                dead.append(f"{page.name}: {target}")
    assert not dead


def yaml_blocks() -> list[str]:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    return re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)


def test_the_examples_of_the_configuration_page_are_valid() -> None:
    feeds, rule, channels = (read_yaml(block, "configuration.md") for block in yaml_blocks())
    assert read_feeds(feeds)[0].id == "example_wire"
    assert read_rule(rule).id == "truce_gulf"
    assert [channel.id for channel in channels.check(ChannelList).channels] == ["team_slack", "case_system"]
    assert len(read_channels(channels)) == 2


def test_the_queries_of_the_configuration_page_can_be_read() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    table = text.split("### The query")[1].split("## Channels")[0]
    queries = [
        query for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for query in re.findall(r"`([^`]+)`", row)
    ]
    assert len(queries) >= 14
    for query in queries:
        parse(query)
