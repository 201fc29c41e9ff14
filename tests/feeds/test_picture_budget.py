"""All pictures of an edition of 14 articles: 350 kB at most, the lead 120, each small one 20, at twice their size."""

import io

from PIL import Image

from newsletter.feeds.picture import Wish, fitted
from newsletter.runtime.magazine import pictures

LEAD, SMALL = Wish(1200, 0, 120_000), Wish(240, 160, 20_000)


def test_the_pictures_of_fourteen_articles_weigh_little():
    scenes = sorted(pictures.SCENES)
    drawn = [pictures.draw(scenes[number % len(scenes)], number) for number in range(14)]
    files = [fitted(photo, SMALL if number else LEAD)[1] for number, photo in enumerate(drawn)]
    sizes = [len(file) for file in files]
    assert sizes[0] <= 120_000
    assert max(sizes[1:]) <= 20_000
    assert sum(sizes) <= 350_000
    shapes = [Image.open(io.BytesIO(file)).size for file in files]
    assert shapes[0][0] == 1200
    assert set(shapes[1:]) == {(240, 160)}
