"""Cutting a slice of readers into batches: each of one rendering, one mailbox provider and one wave."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from django.db.models import Max

from newsletter.deliveries import rows
from newsletter.deliveries.candidates import Slice
from newsletter.deliveries.models import Batch
from newsletter.editions.models import Rendering

_READERS = """
SELECT rendering, mailbox, wave, COUNT(*) FROM ({candidates}) found
 WHERE reason <> 'ramp' GROUP BY rendering, mailbox, wave ORDER BY rendering, mailbox, wave
"""
# One statement writes the whole slice, so that it sees one state of every reader: two could lose somebody who pauses
# or comes back between them. The runs' first row is nobody's: a slice may have no batch at all.
_INSERT = """
WITH run(rendering, mailbox, wave, first, last) AS (VALUES (0, '', 0, 0, 0) {runs})
INSERT INTO newsletter_delivery (edition_id, subscriber_id, batch_id, address_key, status, reason, updated_at)
SELECT %(edition)s, numbered.subscriber_id, batch.id, numbered.address_key,
       CASE WHEN numbered.reason = '' THEN 'pending' ELSE 'excluded' END, numbered.reason, %(now)s
  FROM (SELECT found.subscriber_id, found.address_key, found.reason, run.first, run.last,
               ROW_NUMBER() OVER (PARTITION BY run.first ORDER BY found.id) AS place
          FROM ({candidates}) found
          LEFT JOIN run ON found.reason = '' AND run.rendering = found.rendering
           AND run.mailbox = found.mailbox AND run.wave = found.wave) numbered
  LEFT JOIN newsletter_batch batch ON batch.edition_id = %(edition)s
   AND batch.number = numbered.first + (numbered.place - 1) / %(size)s AND batch.number <= numbered.last
RETURNING batch_id, reason
"""


class SliceMovedError(Exception):
    """Readers came back while a slice was being cut, more than its batches hold; it is cut again."""


@dataclass(frozen=True)
class _Run:
    """The batches of one rendering, mailbox provider and wave, numbered in a row; `readers` at most are in them."""

    rendering: int
    mailbox: str
    wave: int
    readers: int
    first: int
    last: int


def cut(work: Slice, size: int) -> tuple[int, Counter[str]]:
    """Write a slice's batches and deliveries; how many are planned, and how many excluded for which reason.

    Raises SliceMovedError when a reader found no place in a batch.
    """
    work = replace(work, rendering=_rendering(list(work.edition.renderings.order_by("pk"))))
    topics = {f"topics{each.pk}": each.topic_set for each in work.edition.renderings.all()}
    runs = _runs(work, size, topics)
    batches = _make_batches(work, runs, size)
    rows.measured(Batch)  # else each delivery's batch is checked by a scan of all: 39 s for 1,000,000 readers, not 17
    sql, values = _values(runs)
    written = Counter(work.execute(_INSERT.replace("{runs}", sql), size=size, **topics, **values))
    if (None, "") in written:
        raise SliceMovedError
    trim(batches, {batch: count for (batch, reason), count in written.items() if not reason})
    excluded = Counter({reason: count for (_, reason), count in written.items() if reason})
    return written.total() - excluded.total(), excluded


def _runs(work: Slice, size: int, topics: Mapping[str, str]) -> list[_Run]:
    """One count over the slice. Who is paused or suppressed is counted too: they might come back in this moment."""
    last = Batch.objects.filter(edition=work.edition).aggregate(last=Max("number"))["last"] or 0
    runs = []
    for rendering, mailbox, wave, readers in work.execute(_READERS, **topics):
        first, last = last + 1, last + ceil(readers / size)
        runs.append(_Run(rendering, mailbox, wave, readers, first, last))
    return runs


def _make_batches(work: Slice, runs: Sequence[_Run], size: int) -> list[Batch]:
    """Batches are claimed by id: made in this order, every provider is busy from the first to the last."""
    made = []
    for run in runs:
        count = run.last - run.first + 1
        for at in range(count):
            batch = Batch(
                edition=work.edition,
                rendering_id=run.rendering,
                number=run.first + at,
                mailbox=run.mailbox,
                wave=run.wave,
                size=min(size, run.readers - at * size),
            )
            made.append(((at + 0.5) / count, batch))
    made.sort(key=lambda each: (each[0], each[1].number))
    return Batch.objects.bulk_create([batch for _, batch in made])


def trim(batches: Sequence[Batch], sizes: Mapping[int, int]) -> None:
    """Give the slice's batches the sizes that they have, and drop those that stayed empty."""
    other = [batch for batch in batches if batch.size != sizes.get(batch.pk, 0)]
    for batch in other:
        batch.size = sizes.get(batch.pk, 0)
    Batch.objects.filter(pk__in=[batch.pk for batch in other if not batch.size]).delete()
    Batch.objects.bulk_update([batch for batch in other if batch.size], ["size"], batch_size=500)


def _rendering(renderings: Sequence[Rendering]) -> str:
    """Which rendering a topic set gets: its own, or the full edition."""
    own = [f"WHEN %(topics{each.pk})s THEN {each.pk}" for each in renderings if each.topic_set]
    full = next(each.pk for each in renderings if not each.topic_set)
    return f"CASE sub.topic_set {' '.join(own)} ELSE {full} END" if own else str(full)


def _values(runs: Sequence[_Run]) -> tuple[str, dict[str, Any]]:
    """The runs as rows of a VALUES list, and its parameters."""
    listed, values = [], {}
    for at, run in enumerate(runs):
        listed.append(f", ({run.rendering}, %(mailbox{at})s, {run.wave}, {run.first}, {run.last})")
        values[f"mailbox{at}"] = run.mailbox
    return "".join(listed), values
