"""A harbour, the open sea, a lighthouse, a strait from above, a city on its river."""

import math
import random

from PIL import Image

from newsletter.runtime.magazine.brush import (
    HEIGHT,
    WIDTH,
    Colour,
    Point,
    chance,
    clouds,
    colours,
    down_to,
    levels,
    mix,
    ridge,
)
from newsletter.runtime.magazine.canvas import Pen, Picture


def harbour(rng: random.Random) -> Picture:
    """Gantry cranes and a freighter at dusk, mirrored in still water."""
    high, low, sun, dark = rng.choice([colours("3f4a63 e0946a ffd9a0 1d1f2b"), colours("51647a e8b07c ffe6b8 22262e")])
    horizon = 540
    picture = Picture(rng, (0, high), (0.3, mix(high, low, 0.45)), (horizon / HEIGHT, low), (1, low))
    picture.paint(mix(low, sun, 0.5), levels(clouds(rng, 2, 16, 3), 135, 220, 0.6))
    place = (rng.uniform(250, 420), horizon - 40)
    picture.glow(place, 430, sun, 0.9)
    with picture.pen(mix(low, dark, 0.35)) as pen:
        pen.polygon(down_to(ridge(rng, horizon - 36, 40, 0.45), horizon + 1))
    with picture.pen(mix(low, dark, 0.62)) as pen:
        for far in (760, 850, 925):
            _gantry(pen, far + rng.uniform(-15, 15), horizon, 0.55)
    with picture.pen(dark) as pen:
        for near in (rng.uniform(880, 930), rng.uniform(1060, 1110)):
            _gantry(pen, near, horizon + 4, 1.12)
        _freighter(pen, rng, rng.uniform(300, 380), horizon)
        pen.box(690, horizon - 9, WIDTH, horizon + 2)
    picture.reflect(horizon, mix(high, dark, 0.45), 0.4)
    _lamps(picture, [(rng.uniform(700, 1190), horizon - rng.uniform(10, 20)) for _ in range(16)], sun)
    picture.mist(horizon - 40, horizon + 8, mix(low, sun, 0.4), 0.28)
    return picture


def _gantry(pen: Pen, x: float, foot: float, size: float) -> None:
    tall, wide, boom = 230 * size, 62 * size, 190 * size
    deck = foot - tall * 0.62
    for leg in (x, x + wide):
        pen.line([(leg, foot), (leg, deck)], 6 * size)
    pen.line([(x, foot - tall * 0.28), (x + wide, foot - tall * 0.28)], 4 * size)
    pen.line([(x, foot - tall * 0.28), (x + wide, deck)], 2.5 * size)
    pen.line([(x - boom, deck - 4 * size), (x + wide * 2.1, deck - 4 * size)], 8 * size)
    mast = (x + wide * 0.15, foot - tall)
    pen.line([(x, deck), mast, (x + wide, deck)], 4.5 * size)
    for reach in (-boom * 0.95, -boom * 0.5, wide * 2):
        pen.line([mast, (x + reach, deck - 4 * size)], 1.6 * size)
    pen.box(x + wide * 1.1, deck - 22 * size, x + wide * 1.9, deck)
    pen.line([(x - boom * 0.6, deck), (x - boom * 0.6, deck + 46 * size)], 1.2 * size)
    pen.box(x - boom * 0.6 - 16 * size, deck + 46 * size, x - boom * 0.6 + 16 * size, deck + 58 * size)


def _freighter(pen: Pen, rng: random.Random, x: float, water: float) -> None:
    pen.polygon(
        [
            (x - 215, water - 40),
            (x + 225, water - 40),
            (x + 252, water - 52),
            (x + 226, water + 3),
            (x - 200, water + 3),
        ]
    )
    pen.box(x - 190, water - 118, x - 128, water - 38)
    pen.box(x - 200, water - 112, x - 118, water - 100)
    pen.box(x - 166, water - 146, x - 148, water - 118)
    pen.line([(x - 140, water - 118), (x - 140, water - 158)], 2.5)
    for column in range(8):
        high = rng.choice((1, 2, 2, 3))
        pen.box(x - 104 + column * 38, water - 40 - 19 * high, x - 69 + column * 38, water - 38)
    pen.line([(x + 222, water - 46), (x + 222, water - 92)], 2.5)


def _lamps(picture: Picture, places: list[Point], colour: Colour) -> None:
    for place in places:
        picture.glow(place, 26, colour, 0.75)
    with picture.pen(mix(colour, (255, 255, 255), 0.6)) as pen:
        for x, y in places:
            pen.dot(x, y, 1.6)


def sea(rng: random.Random) -> Picture:
    """A patrol ship on calm water under a wide sky."""
    high, low, sun, deep = rng.choice([colours("8496a3 e3d3bf fff3dc 33474f"), colours("74869a c9d2d4 f4f1e6 2c3e4a")])
    horizon = 470
    picture = Picture(rng, (0, high), (horizon / HEIGHT, low), (1, low))
    picture.paint(mix(low, (255, 255, 255), 0.5), levels(clouds(rng, 3, 9, 4), 125, 235, 0.75))
    place = (rng.uniform(330, 480), horizon - 120)
    picture.glow(place, 460, sun, 0.85)
    _water(picture, horizon, mix(low, deep, 0.35), deep)
    _glitter(picture, place[0], horizon, sun)
    picture.mist(horizon - 50, horizon + 4, low, 0.55)
    _patrol_ship(picture, rng.uniform(690, 800), horizon + 22, mix(deep, (20, 24, 30), 0.45))
    return picture


def _water(picture: Picture, horizon: int, far: Colour, near: Colour) -> None:
    water = Picture(picture.rng, (0, far), (horizon / HEIGHT, far), (1, near))
    waves = _in_perspective(clouds(picture.rng, 26, 90, 2), horizon)
    water.paint(mix(far, (255, 255, 255), 0.35), levels(waves, 150, 230, 0.5))
    water.paint(mix(near, (0, 0, 0), 0.35), levels(waves, 118, 40, 0.55))
    with picture.pen(water.image) as pen:
        pen.box(0, horizon, WIDTH, HEIGHT)


def _in_perspective(noise: Image.Image, horizon: int) -> Image.Image:
    """The noise laid flat: fine at the horizon, coarse towards the viewer."""
    flat = Image.new("L", (WIDTH, HEIGHT), 128)
    y, source = float(horizon), 0.0
    while y < HEIGHT and source < HEIGHT - 4:
        near = (y - horizon) / (HEIGHT - horizon)
        tall, wide = 3 + 26 * near, WIDTH * (1 - 0.75 * near)
        left = (WIDTH - wide) / 2
        box = (left, source, left + wide, source + 6)
        flat.paste(noise.resize((WIDTH, math.ceil(tall)), Image.Resampling.BILINEAR, box), (0, round(y)))
        y += tall
        source += 6
    return flat


def _glitter(picture: Picture, x: float, horizon: int, colour: Colour) -> None:
    rng = picture.rng
    with picture.pen(colour, strength=0.6) as pen:
        for _ in range(420):
            near = rng.random() ** 1.4
            at = (x + rng.gauss(0, 26 + 100 * near), horizon + 2 + near * 320)
            pen.ellipse(*at, rng.uniform(3, 9) * (0.5 + 2 * near), 0.6 + 1.6 * near)


def _patrol_ship(picture: Picture, x: float, water: float, colour: Colour) -> None:
    with picture.pen(colour, blur=5, strength=0.5) as pen:
        pen.ellipse(x + 10, water + 9, 205, 7)
    with picture.pen(colour) as pen:
        pen.polygon(
            [
                (x - 190, water - 30),
                (x + 130, water - 30),
                (x + 235, water - 46),
                (x + 198, water + 4),
                (x - 180, water + 4),
            ]
        )
        pen.polygon([(x - 70, water - 28), (x - 62, water - 62), (x + 66, water - 62), (x + 92, water - 28)])
        pen.polygon([(x - 20, water - 60), (x - 14, water - 88), (x + 40, water - 88), (x + 52, water - 60)])
        pen.polygon([(x + 2, water - 86), (x + 9, water - 168), (x + 15, water - 168), (x + 24, water - 86)])
        pen.line([(x - 14, water - 128), (x + 38, water - 128)], 2)
        pen.line([(x - 4, water - 146), (x + 28, water - 146)], 2)
        pen.box(x - 116, water - 54, x - 84, water - 28)
        pen.ellipse(x + 138, water - 40, 17, 11)
        pen.line([(x + 146, water - 43), (x + 186, water - 52)], 3)
        pen.line([(x - 186, water - 30), (x - 186, water - 62)], 2)
    with picture.pen(mix(colour, (255, 255, 255), 0.75), blur=1, strength=0.8) as pen:
        pen.line([(x - 190, water + 4), (x + 196, water + 4)], 2)
        pen.polygon([(x + 196, water + 3), (x + 226, water + 8), (x + 150, water + 8)])


def lighthouse(rng: random.Random) -> Picture:
    """A light on a headland under storm clouds."""
    high, low, light, dark = colours("4b5763 b9bcb4 fff0c2 1f252b")
    horizon = 560
    picture = Picture(rng, (0, high), (0.7, low), (1, low))
    weather = clouds(rng, 3, 4, 5)
    picture.paint(mix(high, dark, 0.6), levels(weather, 120, 215, 0.85))
    picture.paint(mix(low, (255, 255, 255), 0.4), levels(weather, 100, 45, 0.6))
    _water(picture, horizon, mix(low, dark, 0.35), mix(high, dark, 0.55))
    picture.mist(horizon - 70, horizon, low, 0.55)
    x, top = 800.0, 235.0
    with picture.pen(light, blur=16, strength=0.5) as pen:
        pen.polygon([(x, top), (-40, 90), (-40, 300)])
        pen.polygon([(x, top), (1240, 190), (1240, 250)])
    _headland(picture, x, dark)
    _tower(picture, x, top, dark)
    picture.glow((x, top), 150, light, 0.95)
    with picture.pen((255, 252, 238), blur=1) as pen:
        pen.box(x - 9, top - 12, x + 9, top + 12)
    return picture


def _headland(picture: Picture, x: float, dark: Colour) -> None:
    rng = picture.rng
    for share, lift in ((0.32, 0), (0, 46)):
        line = [(px, py + lift + max(0.0, (x - 230 - px) * 0.62)) for px, py in ridge(rng, 588, 44, 0.6)]
        if not lift:
            _surf(picture, [(px, py) for px, py in line if px < x - 190])
        with picture.pen(mix(dark, (110, 112, 104), share)) as pen:
            pen.polygon(down_to(line))


def _surf(picture: Picture, line: list[Point]) -> None:
    rng = picture.rng
    with picture.pen((238, 240, 238), blur=5, strength=0.6) as pen:
        for x, y in line:
            pen.ellipse(x - rng.uniform(0, 50), y + rng.uniform(-2, 14), rng.uniform(6, 34), rng.uniform(2, 6))
            if chance(rng, 0.06):
                pen.ellipse(x - 6, y - 14, rng.uniform(6, 12), rng.uniform(14, 30), 190)


def _tower(picture: Picture, x: float, top: float, dark: Colour) -> None:
    with picture.pen((222, 219, 209)) as pen:
        pen.polygon([(x - 40, 600), (x - 24, top + 26), (x + 24, top + 26), (x + 40, 600)])
    with picture.pen((150, 52, 46)) as pen:
        for low, high, wide in ((520, 440, 33), (370, 300, 28)):
            pen.polygon([(x - wide, low), (x - wide + 5, high), (x + wide - 5, high), (x + wide, low)])
    with picture.pen(dark, blur=9, strength=0.6) as pen:
        pen.polygon([(x + 8, 600), (x + 8, top + 26), (x + 24, top + 26), (x + 42, 600)])
    with picture.pen(dark) as pen:
        pen.box(x - 33, top + 18, x + 33, top + 27)
        pen.box(x - 18, top - 16, x + 18, top + 20)
        pen.polygon([(x - 22, top - 15), (x, top - 42), (x + 22, top - 15)])
        pen.box(x - 70, 556, x - 30, 596)
        pen.polygon([(x - 78, 558), (x - 50, 534), (x - 22, 558)])


def strait(rng: random.Random) -> Picture:
    """A strait from above: two coasts, shallows, and the wakes of ships."""
    deep, shallow, sand, green = rng.choice(
        [colours("1f4a5a 6fa3a0 d8c7a0 6d7a5a"), colours("274058 7e9fae cfc3ad 77806f")]
    )
    picture = Picture(rng, (0, mix(deep, (10, 20, 40), 0.25)), (0.5, deep), (1, mix(deep, shallow, 0.22)))
    picture.paint(mix(deep, shallow, 0.5), levels(clouds(rng, 5, 5, 4), 110, 255, 0.55))
    coasts = [
        down_to(_tilted(ridge(rng, 40, 200, 0.58), -0.14), -20),
        down_to(_tilted(ridge(rng, 745, 190, 0.58), -0.14)),
    ]
    for colour, blur, wide in ((shallow, 26, 70), (mix(shallow, sand, 0.5), 8, 22)):
        with picture.pen(colour, blur=blur, strength=0.75) as pen:
            for coast in coasts:
                pen.polygon(coast)
                pen.line(coast, wide)
    _land(picture, coasts, sand, green)
    for ship in range(7):
        size, lane = rng.choice((0.4, 0.5, 0.65, 0.9)), ship % 2
        place = (150 + ship * 150 + rng.uniform(-50, 50), 400 - 20 * ship + 110 * lane + rng.uniform(-35, 35))
        _wake(picture, place, math.pi * lane - 0.14, size)
    return picture


def _tilted(line: list[Point], slope: float) -> list[Point]:
    return [(x, y + slope * (x - WIDTH / 2)) for x, y in line]


def _land(picture: Picture, coasts: list[list[Point]], sand: Colour, green: Colour) -> None:
    ground = Picture(picture.rng, (0, sand), (1, sand))
    growth = clouds(picture.rng, 9, 7, 4)
    ground.paint(green, levels(growth, 90, 165, 0.9))
    ground.paint(mix(green, (20, 30, 20), 0.5), levels(growth, 150, 220, 0.7))
    with picture.pen((246, 242, 230), blur=1.2, strength=0.8) as pen:
        for coast in coasts:
            pen.line(coast, 7)
    with picture.pen(ground.image) as pen:
        for coast in coasts:
            pen.polygon(coast)


def _wake(picture: Picture, place: Point, heading: float, size: float) -> None:
    """A ship and the two arms of its wake, which fade as they spread."""

    def at(ahead: float, aside: float) -> Point:
        cos, sin = math.cos(heading), math.sin(heading)
        return place[0] + size * (ahead * cos - aside * sin), place[1] + size * (ahead * sin + aside * cos)

    with picture.pen((240, 245, 243), blur=2.4 * size + 0.8) as pen:
        for part in range(24):
            near, far = 40 - part * 24, 12 - part * 24
            for side in (-1, 1):
                arm = [at(near, side * (50 - near) * 0.17), at(far, side * (50 - far) * 0.17)]
                pen.line(arm, (2.5 + part * 0.35) * size, 165 - part * 7)
            pen.line([at(near - 70, 0), at(far - 74, 0)], (10 + part * 0.5) * size, 215 - part * 9)
    with picture.pen((46, 40, 40)) as pen:
        pen.polygon([at(52, 0), at(36, 9), at(-44, 9), at(-44, -9), at(36, -9)])
    with picture.pen((196, 120, 84)) as pen:
        pen.polygon([at(30, 6), at(-18, 6), at(-18, -6), at(30, -6)])
    with picture.pen((240, 238, 230)) as pen:
        pen.polygon([at(-24, 7), at(-38, 7), at(-38, -7), at(-24, -7)])


def river(rng: random.Random) -> Picture:
    """A capital at blue hour, mirrored in its river."""
    high, low, lamp, dark = colours("33476a d9a288 ffdc9a 161d2c")
    horizon = 500
    picture = Picture(rng, (0, high), (0.42, mix(high, low, 0.55)), (horizon / HEIGHT, low), (1, low))
    picture.paint(mix(low, high, 0.3), levels(clouds(rng, 2, 12, 3), 130, 220, 0.5))
    picture.glow((780, horizon), 560, mix(low, lamp, 0.5), 0.8)
    for share, count, tall in ((0.45, 30, 190), (0.72, 22, 240), (1.0, 16, 170)):
        _buildings(picture, horizon, mix(low, dark, share), (count, tall), lamp)
    with picture.pen(dark) as pen:
        pen.box(0, horizon - 14, WIDTH, horizon + 1)
    picture.reflect(horizon, dark, 0.38)
    _bridge(picture, horizon, dark, lamp)
    return picture


def _buildings(picture: Picture, foot: int, colour: Colour, sizes: tuple[int, int], lamp: Colour) -> None:
    rng, (count, tall) = picture.rng, sizes
    blocks = []
    for index in range(count):
        x = (index + rng.uniform(-0.3, 0.3)) * WIDTH / count
        blocks.append((x, foot - tall * rng.uniform(0.25, 1) ** 1.5, x + WIDTH / count * rng.uniform(0.7, 1.25)))
    with picture.pen(colour) as pen:
        for left, top, right in blocks:
            pen.box(left, top, right, foot)
            if chance(rng, 0.25):
                pen.polygon([(left, top + 1), ((left + right) / 2, top - rng.uniform(20, 60)), (right, top + 1)])
    _windows(picture, blocks, foot, mix(colour, lamp, 0.9))


def _windows(picture: Picture, blocks: list[tuple[float, float, float]], foot: int, lamp: Colour) -> None:
    with picture.pen(lamp, strength=0.85) as pen:
        for left, top, right in blocks:
            for row in range(int((foot - top - 26) / 13)):
                for column in range(int((right - left - 8) / 10)):
                    if chance(picture.rng, 0.24):
                        x, y = left + 6 + column * 10, top + 10 + row * 13
                        pen.box(x, y, x + 4.5, y + 6.5, picture.rng.randrange(120, 256))


def _bridge(picture: Picture, horizon: int, dark: Colour, lamp: Colour) -> None:
    deck = [(x, horizon + 70 - 34 * math.sin(x / WIDTH * math.pi)) for x in range(-10, WIDTH + 20, 10)]
    with picture.pen(mix(dark, (0, 0, 0), 0.3)) as pen:
        pen.polygon([*deck, *[(x, y + 26) for x, y in reversed(deck)]])
        for pier in range(0, WIDTH + 1, 240):
            top = horizon + 70 - 34 * math.sin(pier / WIDTH * math.pi)
            pen.polygon(
                [(pier - 20, top + 20), (pier + 20, top + 20), (pier + 15, horizon + 190), (pier - 15, horizon + 190)]
            )
            arch = [
                (pier + 120 + 122 * math.cos(a / 12 * math.pi), top + 92 - 72 * math.sin(a / 12 * math.pi))
                for a in range(13)
            ]
            pen.line(arch, 11)
    _lamps(picture, [(x, horizon + 56 - 34 * math.sin(x / WIDTH * math.pi)) for x in range(60, WIDTH, 120)], lamp)
