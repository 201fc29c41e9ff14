"""An edition's pictures, made fit for mail and served from our own host; one that cannot be shown is left out, and why.

Two steps, because fetching takes its time and freezing must not wait: `make_fit` fetches, outside any transaction;
`as_known` puts what is there into a snapshot and fetches nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from newsletter.editions.snapshot import Snapshot
from newsletter.feeds import images
from newsletter.feeds.images import Fitted, Unfit, Want

# Pixels of the files, about twice what the mail says: across the measure, inside a promotion's plate, beside a title.
LEAD, PLATE, SMALL = (1200, 0), (992, 0), (240, 160)

Answers = Mapping[Want, Fitted | Unfit]


def make_fit(snapshot: Snapshot) -> list[str]:
    """Fetch and convert what is not there yet, 40 seconds at most; a sentence for each picture that cannot be shown."""
    return problems(snapshot, images.fit_all(want for _, want in _wanted(snapshot)))


def as_known(snapshot: Snapshot) -> Snapshot:
    """The snapshot with the files that are there. What was never made fit stays as the publication shows it."""
    return placed(snapshot, images.known(want for _, want in _wanted(snapshot)))


def placed(snapshot: Snapshot, answers: Answers) -> Snapshot:
    """With each answered picture in its place, or without it. Pure."""
    wanted = {item["id"]: want for item, want in _wanted(snapshot)}
    sections = [
        section
        | {"items": [_placed(dict(item), answers.get(wanted.get(item["id"], _NONE))) for item in section["items"]]}
        for section in snapshot["sections"]
    ]
    return cast("Snapshot", {**snapshot, "sections": sections})


def problems(snapshot: Snapshot, answers: Answers) -> list[str]:
    """A sentence for each picture that is left out, in the order of the mail. Pure."""
    return [
        f"“{item['title']}” goes without its picture: {answer.reason}"
        for item, want in _wanted(snapshot)
        if isinstance(answer := answers.get(want), Unfit)
    ]


_NONE = Want("", 0)


def _wanted(snapshot: Snapshot) -> Iterator[tuple[dict[str, Any], Want]]:
    """Each entry that has a picture, and the file that its place asks for."""
    for section in snapshot["sections"]:
        for item in cast("list[dict[str, Any]]", section["items"]):
            if item.get("image"):
                slot = LEAD if section["is_lead"] else PLATE if item["type"] == "promotion" else SMALL
                yield item, Want(item["image"]["url"], *slot)


def _placed(item: dict[str, Any], answer: Fitted | Unfit | None) -> dict[str, Any]:
    if isinstance(answer, Unfit):
        return {**item, "image": None}
    if answer is None:
        return item
    return {**item, "image": {**item["image"], "url": answer.url, "width": answer.width, "height": answer.height}}
