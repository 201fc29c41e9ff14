"""An edition's pictures, made fit for mail and served from our own host; one that cannot be shown is left out, and why.

Two steps, because fetching takes its time and freezing must not wait: `make_fit` fetches, outside any transaction;
`as_known` puts what is there into a snapshot and fetches nothing. When each is done, editions/ready.py decides.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from newsletter.editions.snapshot import Snapshot
from newsletter.feeds import images
from newsletter.feeds.images import Fitted, Unfit, Want

# Pixels of the files, about twice what the mail says: across the measure, inside a promotion's plate, beside a title.
LEAD, PLATE, SMALL = (1200, 0), (992, 0), (240, 160)
# A narrower original would be stretched across the measure (536 pixels) until everybody sees it.
LEAST_WIDTH = 400

Answers = Mapping[Want, Fitted | Unfit]


def make_fit(snapshot: Snapshot, *, seconds: float = images.TOTAL_SECONDS) -> list[str]:
    """Fetch and convert what is not there yet; a sentence for each picture that cannot be shown."""
    return problems(snapshot, images.fit_all((want for _, want in _wanted(snapshot)), seconds=seconds))


def as_known(snapshot: Snapshot) -> Snapshot:
    """The snapshot with the files that are there. What was never made fit stays as the publication shows it."""
    return placed(snapshot, images.known(want for _, want in _wanted(snapshot)))


def wants(snapshot: Snapshot) -> list[Want]:
    """The file that each entry with a picture asks for, in the order of the mail."""
    return [want for _, want in _wanted(snapshot)]


def waiting(snapshot: Snapshot) -> list[str]:
    """The titles of those whose picture nobody tried to make fit yet."""
    wanted = list(_wanted(snapshot))
    known = images.known(want for _, want in wanted)
    return [item["title"] for item, want in wanted if want not in known]


def left_out(snapshot: Snapshot) -> list[str]:
    """As make_fit, of what was tried so far; fetches nothing."""
    return problems(snapshot, images.known(want for _, want in _wanted(snapshot)))


def is_due(snapshot: Snapshot) -> bool:
    """Whether `make_fit` would have something to fetch, or to try again."""
    return images.is_due(want for _, want in _wanted(snapshot))


def placed(snapshot: Snapshot, answers: Answers) -> Snapshot:
    """With each answered picture in its place, or without it. Pure."""
    wanted = {item["id"]: want for item, want in _wanted(snapshot)}
    sections = [
        section | {"items": [_placed(dict(item), wanted.get(item["id"], _NONE), answers) for item in section["items"]]}
        for section in snapshot["sections"]
    ]
    return cast("Snapshot", {**snapshot, "sections": sections})


def problems(snapshot: Snapshot, answers: Answers) -> list[str]:
    """A sentence for each picture that is left out, in the order of the mail. Pure."""
    return [
        f"“{item['title']}” goes without its picture: {answer.reason}"
        for item, want in _wanted(snapshot)
        if isinstance(answer := _answer(want, answers), Unfit)
    ]


_NONE = Want("", 0)


def _wanted(snapshot: Snapshot) -> Iterator[tuple[dict[str, Any], Want]]:
    """Each entry that has a picture, and the file that its place asks for."""
    for section in snapshot["sections"]:
        for item in cast("list[dict[str, Any]]", section["items"]):
            if item.get("image"):
                slot = LEAD if section["is_lead"] else PLATE if item["type"] == "promotion" else SMALL
                yield item, Want(item["image"]["url"], *slot)


def _answer(want: Want, answers: Answers) -> Fitted | Unfit | None:
    answer = answers.get(want)
    if isinstance(answer, Fitted) and want[1:] == LEAD and answer.source_width < LEAST_WIDTH:
        return Unfit(f"It has only {answer.source_width} pixels across, too few to lead.")
    return answer


def _placed(item: dict[str, Any], want: Want, answers: Answers) -> dict[str, Any]:
    answer = _answer(want, answers)
    if isinstance(answer, Unfit):
        return {**item, "image": None}
    if answer is None:
        return item
    ours = {"url": answer.url, "source": want.url, "width": answer.width, "height": answer.height}
    return {**item, "image": {**item["image"], **ours}}
