"""The weeks that `newsletter theme` shows are those that the tests render."""

from newsletter.runtime.themes.weeks import (
    PHOTOS,
    empty_week,
    everything,
    one_story,
    rtl_week,
    sample_week,
    ugly_week,
    written_week,
)

__all__ = [
    "PHOTOS", "empty_week", "everything", "one_story", "rtl_week", "sample_week", "ugly_week", "written_week",
]  # fmt: skip
