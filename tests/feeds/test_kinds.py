"""What sort of piece it is and what it is about are two axes."""

import pytest

from newsletter.feeds.kinds import axes


@pytest.mark.parametrize(
    ("categories", "kind", "topics"),
    [
        (["Analysis", "Middle East"], "Analysis", ("Middle East",)),
        (["Analysis | QiOSK", "Washington Politics"], "Analysis", ("Washington Politics",)),
        (["Latest", "QiOSK", "Africa"], "QiOSK", ("Africa",)),
        (["latest"], "Latest", ()),
        (["Videos"], "Video", ()),
        (["op-ed", "Asia-Pacific"], "Op-Ed", ("Asia-Pacific",)),
        (["Middle East", "middle-east", "MIDDLE EAST"], "", ("Middle East",)),
        (["Uncategorized", "Top Stories", "Homepage"], "", ()),
        ([], "", ()),
        (["x" * 61], "", ()),
        (["angie\\'s list"], "", ("angie's list",)),
    ],
)
def test_categories_become_a_kind_and_topics(categories: list[str], kind: str, topics: tuple[str, ...]) -> None:
    assert axes(categories) == (kind, topics)


def test_a_publication_may_have_kinds_of_its_own() -> None:
    assert axes(["Dispatch", "Analysis"], kinds=("Dispatch",)) == ("Dispatch", ("Analysis",))


def test_a_hundred_tags_are_a_dozen_topics() -> None:
    assert len(axes([f"tag {n}" for n in range(100)])[1]) == 12
