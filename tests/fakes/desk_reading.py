"""Items, stories and alerts of the made-up world: implement `ports.Items`, `ports.Stories` and `ports.Alerts`."""

from dataclasses import dataclass

from ceasewire.alerts import Alert
from ceasewire.identity import canonical_url
from ceasewire.items import Item, Tagged
from ceasewire.stories import Story
from ceasewire.views import AlertPage, AlertView, DecisionPage, ItemView, StoryPage, StoryView, Verdict, Way
from tests.fakes.desk_world import World

_SHOWN = 200
"""Items given with a story, and decisions given with an alert."""


@dataclass
class FakeItems:
    world: World

    async def item(self, key: str) -> ItemView | None:
        one = self._find(key)
        return ItemView(hit=self.world.hit(one), versions=self.world.versions(one.item)) if one else None

    async def way(self, key: str) -> Way | None:
        one = self._find(key)
        if one is None:
            return None
        world, item = self.world, one.item
        last = {decision.rule: decision for decision in world.decisions if decision.item == item.id}
        met = [hit.rule for hit in one.rules]
        view = next((view for view in world.feeds if view.source.feed == item.source.feed), None)
        alerts = list(dict.fromkeys(d.alert for d in world.decisions if d.item == item.id and d.alert))
        known = {alert.id: alert for alert in world.alerts}
        return Way(
            versions=world.versions(item),
            tagged=one,
            feed=view.state if view else None,
            story=world.story_of(item.id),
            verdicts=tuple(
                Verdict(rule=rule, met=rule in met or rule in last, decision=last.get(rule))
                for rule in dict.fromkeys((*met, *last, *world.rules))
            ),
            alerts=tuple(known[alert] for alert in alerts if alert in known),
            deliveries=world.deliveries_of(alerts),
        )

    def _find(self, key: str) -> Tagged | None:
        one = self.world.by_id(key)
        if one is not None:
            return one
        wanted = _bare(key if "://" in key else f"https://{key}")
        found = [one for one in self.world.items if one.item.url and _bare(one.item.url) == wanted]
        return max(reversed(found), key=lambda one: one.item.at, default=None)


def _bare(url: str) -> str:
    """What an address is known by: a site may move from http to https."""
    return (canonical_url(url) or url).partition(":")[2]


@dataclass
class FakeStories:
    world: World

    async def stories(self, after: str | None = None, limit: int = 30) -> StoryPage:
        listed = sorted((s for s in self.world.stories if s.merged_into is None), key=_place, reverse=True)
        last, _, key = (after or "").partition(".")
        if key and last.isdecimal() and len(last) < 18:
            listed = [story for story in listed if _place(story) < (int(last), key)]
        page = listed[:limit]
        more = f"{_place(page[-1])[0]}.{page[-1].id}" if len(listed) > limit else None
        return StoryPage(stories=tuple(page), next=more)

    async def story(self, story: str) -> StoryView | None:
        found = self.world.story(story)
        if found is None:
            return None
        items = [one for key in found.items[:_SHOWN] if (one := self.world.by_id(key))]
        thread = [one for one in self.world.stories if one.began == found.began and one.id != found.id]
        return StoryView(
            story=found,
            items=tuple(sorted(items, key=lambda one: one.item.at)),
            thread=tuple(sorted((one for one in thread if one.merged_into is None), key=_place, reverse=True)[:20]),
        )


def _place(story: Story) -> tuple[int, str]:
    return int(story.last.timestamp() * 1000), story.id


@dataclass
class FakeAlerts:
    world: World

    async def alerts(self, after: str | None = None, limit: int = 30) -> AlertPage:
        before = _before(after, len(self.world.alerts))
        first = max(before - limit, 0)
        views = [self._view(alert) for alert in reversed(self.world.alerts[first:before])]
        return AlertPage(alerts=tuple(view for view in views if view), next=str(first) if first else None)

    async def alert(self, alert: str) -> AlertView | None:
        found = next((one for one in self.world.alerts if one.id == alert), None)
        return self._view(found) if found else None

    async def decisions(self, after: str | None = None, limit: int = 50) -> DecisionPage:
        before = _before(after, len(self.world.decisions))
        first = max(before - limit, 0)
        page = []
        for decision in reversed(self.world.decisions[first:before]):
            one = self.world.by_id(decision.item)
            page.append((decision, one.item.title if one else ""))
        return DecisionPage(decisions=tuple(page), next=str(first) if first else None)

    def _view(self, alert: Alert) -> AlertView | None:
        one = self.world.by_id(alert.item)
        if one is None:
            return None
        whole = self.world.story(alert.story)
        told = whole.id if whole else alert.story
        stories = {alert.story, told, *(story.id for story in self.world.stories if story.merged_into == told)}
        decisions = [d for d in reversed(self.world.decisions) if d.rule == alert.rule and d.story in stories]
        return AlertView(
            alert=alert,
            tagged=self._as_alerted(one, alert),
            decisions=tuple(decisions[:_SHOWN]),
            deliveries=self.world.deliveries_of([alert.id]),
        )

    def _as_alerted(self, one: Tagged, alert: Alert) -> Tagged:
        """With the text that the alert's spans point into, and without mentions, which point into the newer one."""
        old: Item | None = next(
            (item for item in self.world.earlier.get(alert.item, ()) if item.rev == alert.rev), None
        )
        if one.item.rev == alert.rev or old is None:
            return one
        return Tagged(
            item=old, edition=one.edition, language=one.language, relevance=one.relevance, conflict=one.conflict,
            issues=one.issues, actors=one.actors, rules=(alert.hit,),
        )  # fmt: skip


def _before(after: str | None, all_of_them: int) -> int:
    return min(int(after), all_of_them) if after and after.isdecimal() and len(after) < 18 else all_of_them
