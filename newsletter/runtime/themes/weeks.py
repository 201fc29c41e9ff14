"""Snapshots to render: good weeks and ugly ones of an invented magazine. Nobody in it exists."""

from typing import Any

from newsletter.editions.snapshot import ArticleContent, ItemContent, Snapshot

PHOTOS = "https://pictures.keel.example"

NOTE = """\
Dear reader,

Most of what happened this week happened quietly: a cable mended before the storms, a talk nobody announced, a clock in
a committee room that has begun to run. We have tried to *give the quiet things their space*.

Next week we print early because of the holiday. [Write to us](https://keel.example/letters) if you think we missed
something; we read everything.

— Maren Holt, editor
"""

# Title, dek, byline as "name/role", kind, topics, credit (None: no photo).
_Row = tuple[str, str, list[str], str, list[str], str | None]

_LEAD: _Row = (
    "The ceasefire that nobody will call a ceasefire",
    "Along the upper lakes the guns have been silent for nineteen days. Those who arranged it would rather not say.",
    ["Amara Diallo/Nairobi correspondent", "Tomás Reyes/"],
    "Analysis",
    ["Africa", "Diplomacy"],
    "Ikram Abdi / Eastlight",
)
_WEEK: dict[str, list[_Row]] = {
    "Analysis": [
        (
            "Rice, rivers and the limits of alignment",
            "Three governments downstream would like to choose a side. Their harvests will not let them.",
            ["Linh Tran/Mekong fellow"],
            "Analysis",
            ["Asia-Pacific"],
            "Pim Saeung / Delta Press",
        ),
        (
            "Europe can afford its own floor",
            "The argument that the continent cannot pay for its defence confuses a price with a habit.",
            ["Jonas Weidel/"],
            "Analysis",
            ["Europe"],
            "",
        ),
        (
            "What a water treaty teaches about missiles",
            "Two commissions have met in every war since 1961, and their minutes are a text that nobody reads.",
            ["Sana Qureshi/Senior fellow"],
            "Analysis",
            ["Middle East"],
            "Courtesy of the River Archive",
        ),
        (
            "Bases are not friendships",
            "A lease is a lease. Confusing it with affection has cost two generations of diplomats their sleep.",
            ["Ruth Calloway/"],
            "Analysis",
            ["Asia-Pacific"],
            None,
        ),
    ],
    "Reporting": [
        (
            "House panel advances war powers clock",
            "The bill would start counting on the day the first aircraft leaves, not on the day somebody says so.",
            ["Dana Whitlock/Congressional correspondent"],
            "Reporting",
            ["Washington Politics"],
            "J. Marsh / Capitol Pool",
        ),
        (
            "Arms package held over a missing report",
            "Four pages due in June have stopped two billion dollars in November.",
            ["Dana Whitlock/", "Peter Osei/"],
            "Reporting",
            ["Washington Politics"],
            "Ministry handout",
        ),
        (
            "Peacekeepers hand over their last northern outpost",
            "At sunrise they lowered one flag, folded it, and found that no one had brought the other.",
            ["Amara Diallo/Nairobi correspondent"],
            "Reporting",
            ["Africa"],
            "Ikram Abdi / Eastlight",
        ),
        (
            "Baltic cable repaired before the storms",
            "The ship that mended it belongs to the country that was accused of cutting it.",
            ["Kaisa Lind/"],
            "Reporting",
            ["Europe"],
            "Lauri Mets",
        ),
    ],
    "QiOSK": [
        (
            "Against the word “signal”",
            "States do not send signals. They move ships, and other people guess.",
            ["Maren Holt/Editor"],
            "QiOSK",
            [],
            None,
        ),
        (
            "The case for boring summits",
            "",
            ["Henrik Aas/"],
            "QiOSK",
            ["Diplomacy"],
            "Silje Nordahl",
        ),
        (
            "How to read a joint statement",
            "Start at the end, count the adjectives, and look for the verb that has gone missing since last year.",
            ["Yara Haddad/"],
            "QiOSK",
            ["Diplomacy"],
            None,
        ),
    ],
    "Latest": [
        (
            "Mediators extend prisoner talks into a third week",
            "Both delegations have asked for warmer rooms, which is taken as a good sign.",
            [],
            "Latest",
            ["Middle East"],
            "Noor Saleh / Levant Pictures",
        ),
        (
            "Coast guards agree to trade liaison officers",
            "Two desks, two telephones, and a rule about who calls first.",
            ["Linh Tran/"],
            "Latest",
            ["Asia-Pacific"],
            "",
        ),
    ],
}


def sample_week(articles: int = 14) -> Snapshot:
    """A good week: a lead and up to 13 more stories; beyond 14 the same ones come again."""
    snapshot = empty_week()
    rows = [(name, row) for name, section in _WEEK.items() for row in section]
    chosen = [rows[number % len(rows)] for number in range(articles - 1)]
    for name in _WEEK:
        items = [row for section, row in chosen if section == name]
        if items:
            snapshot["sections"].append({"name": name, "slug": name.lower(), "is_lead": False, "items": _items(items)})
    _number_from_one(snapshot)
    return snapshot


def empty_week() -> Snapshot:
    """The same week with nothing but its lead."""
    return {
        "edition": {
            "id": "5f0c9a3b7d21e846",
            "kind": "regular",
            "number": 12,
            "date": "2026-11-26",
            "subject": "The ceasefire that nobody will call a ceasefire",
            "preheader": "Also: rice and rivers, a war powers clock, and the case for boring summits.",
        },
        "newsletter": {
            "slug": "even-keel",
            "name": "The Even Keel",
            "tagline": "Foreign policy, soberly",
            "mission": "The Even Keel argues for a foreign policy that counts the cost before it pays it.",
            "language": "en",
            "home_url": "https://keel.example/",
            "accent": "#9b1c1f",
            "sender_name": "The Even Keel",
            "sender_email": "roundup@keel.example",
            "reply_to": "",
            "postal_address": "14 Ropewalk, Port Alder, PA 20417",
            "zone": "America/New_York",
        },
        "note": NOTE,
        "sections": [{"name": "Lead", "slug": "lead", "is_lead": True, "items": _items([_LEAD])}],
    }


def one_story() -> Snapshot:
    """A week with a lead and nothing else, not even a note."""
    return empty_week() | {"note": ""}


def ugly_week() -> Snapshot:
    """No photo, no dek, a 300-character title, words without a gap, an Arabic story, markup and slots in the texts."""
    snapshot = sample_week(7)
    snapshot["note"] = ""
    snapshot["newsletter"] |= {"tagline": "", "home_url": "", "accent": "#ffe600"}
    lead, first, second, third, fourth, *rest = everything(snapshot)
    _change(lead, image=None, dek="", byline=[])
    _change(first, title="A headline that an editor did not stop in time, " * 6 + "and there it ends", dek="")
    _change(second, title="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", topics=[])
    _change(third, title="مفاوضات المياه تدخل أسبوعها الثالث بين العاصمتين", dek="لا أحد يريد أن يسميها هدنة.")
    _change(fourth, title='<b>Bold</b> & "quoted" {{ braces }} @@TOKEN@@ 🕊️', image=None, kind="")
    _change(rest[0], title="x" * 300, dek="y" * 400)
    return snapshot


def rtl_week() -> Snapshot:
    """An Arabic edition: the same bones, read from the right."""
    snapshot = sample_week(5)
    snapshot["newsletter"] |= {
        "name": "الميزان الأسبوعي",
        "tagline": "السياسة الخارجية بهدوء",
        "mission": "نكتب عن السياسة الخارجية كما ينبغي أن تُكتب: بهدوء وبحساب.",
        "language": "ar",
    }
    snapshot["note"] = (
        "أعزاءنا القراء،\n\nهذا الأسبوع حدث أكثره **بهدوء**. [اكتبوا إلينا](https://keel.example/letters)."
    )
    titles = ["هدنة لا يسميها أحد هدنة", "الأرز والأنهار وحدود التحالف", "BBC تفتح مكتبًا جديدًا في الخرطوم"]
    for item, title in zip(everything(snapshot), titles, strict=False):
        _change(item, title=title, dek="لم يعد أحد يسأل كيف توقفت المدافع، والجواب هو ما يبقيها صامتة.", kind="تحليل")
        _change(item, topics=["أفريقيا"], byline=[{"name": "ليلى حداد", "role": ""}])
    return snapshot


def written_week(snapshot: Snapshot | None = None) -> Snapshot:
    """A short week, or the one given, with what editors write beside the articles."""
    snapshot = snapshot or sample_week(4)
    items: list[ItemContent] = [
        {"id": 0, "type": "note", "title": "In the hall", "text": "Two evenings *in person*, [all here](https://keel.example/hall)."},
        {
            "id": 0, "type": "event", "title": "What a water treaty teaches", "dek": "Sana Qureshi in conversation.",
            "starts": "2026-12-03T13:00:00-05:00", "ends": "2026-12-03T14:30:00-05:00", "zone": "America/New_York",
            "place": "The Ropewalk, Port Alder", "url": "https://keel.example/events/water", "button": "Register",
        },
        {
            "id": 0, "type": "event", "title": "Editors’ open hour", "dek": "", "starts": "2026-12-04T18:00:00-05:00",
            "ends": None, "zone": "America/New_York", "place": "Reading room", "url": "", "button": "",
        },
        {
            "id": 0, "type": "outside", "title": "The quiet cable", "dek": "Our Kaisa Lind, on the ship.",
            "outlet": "The Northern Herald", "byline": [{"name": "Kaisa Lind", "role": ""}], "date": "2026-11-24",
            "url": "https://herald.example/cable",
        },
        {
            "id": 0, "type": "promotion", "title": "A map of every strait", "dek": "Printed on linen, 60 by 90 cm.",
            "label": "Sponsored", "sponsor": "Harbour Maps", "url": "https://maps.example/straits", "button": "See it",
            "image": {"url": f"{PHOTOS}/map.jpg", "width": 1200, "height": 500, "alt": "A map, spread", "credit": ""},
        },
    ]  # fmt: skip
    snapshot["sections"].append({"name": "Around the week", "slug": "around", "is_lead": False, "items": items})
    _number_from_one(snapshot)
    return snapshot


def branded_week() -> Snapshot:
    """All that a mail can hold: fourteen stories, what editors write, a list, a logo, links and lines at the end."""
    snapshot = written_week(sample_week(14))
    snapshot["sections"][-2]["is_list"] = True
    snapshot["newsletter"] |= {
        "logo_url": f"{PHOTOS}/logo.png",
        "logo_size": "56x56",
        "social": [
            {"name": "Mastodon", "url": "https://social.example/@keel"},
            {"name": "Podcast", "url": "https://keel.example/podcast"},
        ],
        "footer": "An invented magazine, weekly since 2019.",
        "archive": "public",
        "privacy_url": "https://keel.example/privacy",
    }
    return snapshot


def weeks(theme: str) -> dict[str, Snapshot]:
    """The weeks that every theme has to bear, by name."""
    made = {
        "good": branded_week(),
        "ugly": ugly_week(),
        "right-to-left": rtl_week(),
        "one-story": one_story(),
        "forty-stories": sample_week(40),
    }
    for snapshot in made.values():
        snapshot["newsletter"]["theme"] = theme
    return made


def everything(snapshot: Snapshot) -> list[ArticleContent]:
    """All articles, in the order of the mail."""
    return [item for section in snapshot["sections"] for item in section["items"] if item["type"] == "article"]


def _change(item: ArticleContent, **fields: Any) -> None:
    item.update(fields)  # type: ignore[typeddict-item] # a test's own


def _items(rows: list[_Row]) -> list[ItemContent]:
    return [_item(row) for row in rows]


def _item(row: _Row) -> ArticleContent:
    title, dek, byline, kind, topics, credit = row
    slug = "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())
    authors = [name.partition("/") for name in byline]
    return {
        "id": 0,
        "type": "article",
        "url": f"https://keel.example/{kind.lower()}/{slug}",
        "title": title,
        "dek": dek,
        "byline": [{"name": name, "role": role} for name, _, role in authors],
        "kind": kind,
        "topics": topics,
        "image": None
        if credit is None
        else {"url": f"{PHOTOS}/{slug}.jpg", "width": 1200, "height": 750, "alt": "", "credit": credit},
        "published": "2026-11-25T09:30:00+00:00",
    }


def _number_from_one(snapshot: Snapshot) -> None:
    items = [item for section in snapshot["sections"] for item in section["items"]]
    for number, item in enumerate(items, start=1):
        item["id"] = number
