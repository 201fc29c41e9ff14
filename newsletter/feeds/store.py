"""Stories into the tables: one Article for one story, whichever feeds carry it; storing twice changes nothing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from newsletter.feeds import changes, urls
from newsletter.feeds.harvest import Story
from newsletter.feeds.models import Article, Feed, Sighting
from newsletter.feeds.values import ArticleFacts

Result = Literal["new", "changed", "unchanged"]
_Namesake = tuple[str, str, datetime | None]
# Of more sites than these a visit's namesakes are looked for everywhere: the question would grow too long.
_MOST_HOSTS = 30
_COLUMNS = ("title", "dek", "byline", "kind", "topics", "image", "published_at", "updated_at")


class Shelf:
    """The articles of one visit to a feed, looked up together: three queries for a feed, not five for a story."""

    def __init__(self, feed: Feed, stories: Iterable[Story]) -> None:
        self._feed = feed
        self._articles: dict[str, Article] = {}
        self._sightings: dict[str, Sighting] = {}
        self._namesakes: dict[_Namesake, Article] = {}
        stories = list(stories)
        self._here = {urls.key(story.entry.url) for story in stories}
        self._look_up(stories)

    def store_all(self, stories: Iterable[Story]) -> Counter[Result]:
        """Write all, and count what came of them. Those that nobody has yet go in together: it costs a fifth."""
        stories = list(stories)
        fresh = self._fresh(stories)
        counts: Counter[Result] = Counter()
        if fresh:
            try:
                with transaction.atomic():
                    self._create_all(fresh)
                counts["new"] = len(fresh)
            except IntegrityError:
                fresh = []  # somebody else wrote one of them meanwhile; one by one we find which
        made = {id(story) for story in fresh}
        counts.update(self.store(story) for story in stories if id(story) not in made)
        return counts

    def _fresh(self, stories: Iterable[Story]) -> list[Story]:
        """Those that nobody has, each by addresses and a guid that no other of them has."""
        fresh, taken = list[Story](), set[str]()
        for story in stories:
            names = {urls.key(story.entry.url), urls.key(story.facts.url), f"guid {story.entry.guid}"}
            known = self._find(story) is not None or story.entry.guid in self._sightings
            if not known and not names & taken:
                fresh.append(story)
            taken |= names
        return fresh

    def _create_all(self, fresh: list[Story]) -> None:
        articles = Article.objects.bulk_create(_made(story) for story in fresh)
        sightings = Sighting.objects.bulk_create(
            Sighting(feed=self._feed, article=article, guid=story.entry.guid, digest=story.entry.digest)
            for article, story in zip(articles, fresh, strict=True)
        )
        self._articles |= {article.url_key: article for article in articles}
        self._sightings |= {sighting.guid: sighting for sighting in sightings}

    def store(self, story: Story) -> Result:
        """Write one story. Two workers that meet the same new story make one Article."""
        try:
            with transaction.atomic():
                return self._store(story)
        except IntegrityError:
            # Somebody else wrote it between our look and our write: now we find it.
            self._look_up([story])
            with transaction.atomic():
                return self._store(story)

    def fill_gaps(self, story: Story) -> None:
        """Give an article what its page said when it answered at last; `story` was made from the article itself."""
        article = self._find(story)
        if article is not None:
            self._update(article, story)

    def _look_up(self, stories: list[Story]) -> None:
        keys = {urls.key(url) for story in stories for url in (story.entry.url, story.facts.url)}
        guids = [story.entry.guid for story in stories]
        seen = Sighting.objects.filter(feed=self._feed, guid__in=guids).select_related("article")
        self._articles |= {article.url_key: article for article in Article.objects.filter(url_key__in=keys)}
        self._sightings |= {sighting.guid: sighting for sighting in seen}
        self._namesakes |= {_namesake(article): article for article in _of_one_moment(stories)}

    def _find(self, story: Story) -> Article | None:
        """The Article of this story: by address, by the feed's guid for it, by what the page calls its address.

        Last by its title and the very moment of its publication on that site: where the guid is made from the slug,
        a new slug changes both. Not where this visit shows the other one too.
        """
        by_url = self._articles.get(urls.key(story.entry.url))
        if by_url is not None:
            return by_url
        seen = self._sightings.get(story.entry.guid)
        if seen is not None and not _is_reused(seen.article, story.facts):
            return seen.article
        namesake = self._namesakes.get(_namesake(story.facts)) if story.facts.published_at else None
        if namesake is not None and namesake.url_key in self._here:
            namesake = None
        return self._articles.get(urls.key(story.facts.url)) or namesake

    def _store(self, story: Story) -> Result:
        article = self._find(story)
        result: Result
        if article is None:
            self._give_up_guid(story.entry.guid)
            article, result = _made(story), "new"
            article.save(force_insert=True)
            self._articles[article.url_key] = article
        else:
            result = "changed" if self._update(article, story) else "unchanged"
        self._note_sighting(article, story)
        return result

    def _give_up_guid(self, guid: str) -> None:
        """A feed that names another story by an old guid still carried the old one, by its address from now on."""
        seen = self._sightings.pop(guid, None)
        if seen is not None:
            Sighting.objects.filter(feed=self._feed, guid=seen.article.url_key).delete()
            Sighting.objects.filter(pk=seen.pk).update(guid=seen.article.url_key)

    def _note_sighting(self, article: Article, story: Story) -> None:
        guid, digest = story.entry.guid, story.entry.digest
        seen = self._sightings.get(guid)
        if seen is None:
            self._sightings[guid] = Sighting.objects.create(feed=self._feed, article=article, guid=guid, digest=digest)
        elif (seen.article_id, seen.digest) != (article.pk, digest):
            seen.article, seen.digest = article, digest
            seen.save(update_fields=["article", "digest"])

    def _update(self, article: Article, story: Story) -> bool:
        """Bring an article up to date; what this visit does not know stays as it was."""
        speaks = self._speaks_for(article)
        fresh = _kept(article, _columns(story.facts))
        if article.topics != fresh["topics"] and article.sightings.exclude(feed=self._feed).exists():
            fresh["topics"] = _united(article.topics, fresh["topics"])
        fresh = fresh | self._address(article, story) if speaks else {"topics": fresh["topics"]}
        changed = {name: value for name, value in fresh.items() if getattr(article, name) != value}
        noted: dict[str, Any] = {}
        if speaks and story.page_settled and article.page_read_at is None:
            noted["page_read_at"] = timezone.now()
        if speaks and article.quarantine and story.page_settled and not story.doubt:
            noted |= {"quarantine": "", "held_at": None}
        if changed:
            noted["changed_at"] = timezone.now()
            changes.record(article, changed)
        if noted:
            Article.objects.filter(pk=article.pk).update(**changed, **noted)
        return bool(changed)

    def _speaks_for(self, article: Article) -> bool:
        """Whether this feed may say what an article is called: one of its own site, or the first that carried it.

        Any other may carry it too, and would print under its address whatever it likes.
        """
        if urls.same_host(self._feed.url, article.url):
            return True
        first = article.sightings.order_by("id").values_list("feed_id", flat=True).first()
        return first == self._feed.pk if first else article.added_at is None

    def _address(self, article: Article, story: Story) -> dict[str, str]:
        """The article's new address, when its slug changed and no other article has it.

        A page that could not be read proves nothing: what the feed links to may lead to the address we have.
        """
        key = urls.key(story.facts.url)
        if key == article.url_key or not story.page_settled or key in self._articles:
            return {}
        return {"url": story.facts.url, "url_key": key}


def _is_reused(article: Article, facts: ArticleFacts) -> bool:
    """Whether a guid was given to another story: its address is another, and so are title and date.

    A new address alone, or with a new title, is the same story under a new slug.
    """
    dates = {article.published_at, facts.published_at} - {None}
    return article.title.casefold() != facts.title.casefold() and len(dates) > 1


def by_hand(story: Story) -> Article:
    """Write an article that a person named; its address must be new. Raises IntegrityError when it is not."""
    with transaction.atomic():
        made = _made(story)
        made.save(force_insert=True)
        made.added_at = timezone.now()
        made.save(update_fields=["added_at"])
    return made


def find(*addresses: str) -> Article | None:
    """The article at one of these addresses, in whichever form."""
    return Article.objects.filter(url_key__in=[urls.key(address) for address in addresses]).first()


def _namesake(story: Article | ArticleFacts) -> _Namesake:
    return urls.bare_host(story.url), story.title.casefold(), story.published_at


def _of_one_moment(stories: Iterable[Story]) -> Iterable[Article]:
    """The articles of these stories' sites that were published at the very moment of one of them."""
    moments = {story.facts.published_at for story in stories} - {None}
    hosts = {urls.bare_host(story.facts.url) for story in stories}
    found = Article.objects.filter(published_at__in=moments)
    if len(hosts) <= _MOST_HOSTS:
        # Where dates have no time, a day's midnight would bring the stories of all the others.
        found = found.filter(Q(*(("url_key__startswith", host) for host in sorted(hosts)), _connector=Q.OR))
    return found if moments else ()


def _made(story: Story) -> Article:
    """A new article; what is doubtful about it holds it until an editor, or its page at last, says otherwise."""
    now = timezone.now()
    return Article(
        url=story.facts.url, url_key=urls.key(story.facts.url), page_read_at=now if story.page_settled else None,
        quarantine=story.doubt[:300], held_at=now if story.doubt else None, **_columns(story.facts),
    )  # fmt: skip


def _kept(article: Article, fresh: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value or getattr(article, name) for name, value in fresh.items()}
    old, new = article.image, fresh["image"]
    if old and new and old["url"] == new["url"]:
        # A page that could not be read this time gave alt and credit last time.
        kept["image"] = {name: new[name] or old[name] for name in new}
    return kept


def _united(old: list[str], new: list[str]) -> list[str]:
    known = {topic.casefold() for topic in old}
    return [*old, *(topic for topic in new if topic.casefold() not in known)]


def _columns(facts: ArticleFacts) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(facts, name) for name in _COLUMNS}
    values["byline"] = [asdict(person) for person in facts.byline]
    values["topics"] = list(facts.topics)
    values["image"] = asdict(facts.image) if facts.image else None
    return values
