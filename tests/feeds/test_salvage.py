"""A fault that an entry brings out costs that entry and no other."""

from types import SimpleNamespace
from typing import Any

import pytest

from newsletter.feeds import draft, salvage


def fragile(body: bytes) -> Any:
    """A reader that fails wherever BAD stands, and counts how often it is asked."""
    fragile.calls += 1  # type: ignore[attr-defined]
    if b"BAD" in body:
        raise KeyError("a fault of ours")
    titles = [part.partition(b"</item>")[0].decode() for part in body.split(b"<item>")[1:]]
    return SimpleNamespace(entries=titles, head=body.partition(b"<item>")[0])


def feed(*titles: str, head: str = "X") -> bytes:
    return f"<rss><channel>{head}{''.join(f'<item>{title}</item>' for title in titles)}</channel></rss>".encode()


@pytest.fixture(autouse=True)
def nobody_asked() -> None:
    fragile.calls = 0  # type: ignore[attr-defined]


def test_all_but_the_bad_entries_are_had_in_their_order_and_soon() -> None:
    titles = [f"Story {number}" for number in range(2000)]
    made, lost = salvage.parsed(feed(*titles[:1500], "BAD", *titles[1500:], "BAD"), fragile)
    assert (made.entries, lost) == (titles, 2)
    assert fragile.calls < 60  # type: ignore[attr-defined]


def test_where_the_feed_itself_is_at_fault_its_entries_are_had_without_its_name() -> None:
    made, lost = salvage.parsed(feed("One", "Two", head="BAD"), fragile)
    assert (made.entries, lost, made.head) == (["One", "Two"], 0, b"<rss><channel>")


def test_what_has_no_entries_raises_what_it_raised() -> None:
    with pytest.raises(KeyError, match="a fault of ours"):
        salvage.parsed(b"<rss>BAD</rss>", fragile)


def test_an_item_that_our_own_steps_fail_on_is_left_out_with_the_reason() -> None:
    def fail() -> draft.Draft:
        raise LookupError("a fault of ours")

    good = draft.Draft("1", "https://x.example/1", "https://x.example/", "Good")
    content = draft.content("X", [fail, lambda: good], lost=1)
    assert [entry.title for entry in content.entries] == ["Good"]
    assert content.dropped == (
        "newsletter itself failed to read it (LookupError('a fault of ours'))",
        "newsletter itself failed to read it",
    )
