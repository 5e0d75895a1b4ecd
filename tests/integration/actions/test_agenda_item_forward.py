"""Forwarding of the agenda (agenda_forward.md)."""

from typing import Any

import pytest

from tests.integration.base import Answer, IntegrationTest

ORIGIN, TARGET, OTHER = 1, 10, 20


class ForwardTest(IntegrationTest):
    """Base: meeting/1 with topics, the targets meeting/10 and meeting/20."""

    def setup_method(self) -> None:
        super().setup_method()
        for meeting_id in (ORIGIN, TARGET, OTHER):
            self.create_meeting(meeting_id)

    def item(self, id_: int, parent_id: int | None = None, meeting_id: int = ORIGIN, **fields: Any) -> None:
        """Store topic, agenda item and list of speakers with the same id."""
        here = {"meeting_id": meeting_id}
        topic = f"topic/{id_}"
        self.set_models(
            {
                topic: {"title": f"T{id_}", "agenda_item_id": id_, "list_of_speakers_id": id_, **here},
                f"agenda_item/{id_}": {"content_object_id": topic, "parent_id": parent_id, **here, **fields},
                f"list_of_speakers/{id_}": {"content_object_id": topic, "sequential_number": id_, **here},
            }
        )
        lists = {"topic_ids": [id_], "agenda_item_ids": [id_], "list_of_speakers_ids": [id_]}
        self.add_to_lists({f"meeting/{meeting_id}": lists})

    def speaker(self, id_: int, list_id: int, meeting_user_id: int | None, **fields: Any) -> None:
        """Store a speaker of the origin."""
        values = {"list_of_speakers_id": list_id, "meeting_user_id": meeting_user_id, "meeting_id": ORIGIN}
        self.set_models({f"speaker/{id_}": {**values, **fields}})
        self.add_to_lists({f"list_of_speakers/{list_id}": {"speaker_ids": [id_]}})

    def forward(self, *item_ids: int, to: tuple[int, ...] = (TARGET,), user: int = 1, **flags: bool) -> Answer:
        """Call the action."""
        element = {"meeting_ids": list(to), "agenda_item_ids": list(item_ids), **flags}
        return self.request("agenda_item.forward", element, user=user)

    def copies(self, meeting_id: int = TARGET) -> dict[str, dict[str, Any]]:
        """The new agenda items by the titles of their topics."""
        topics = self.find_models("topic", meeting_id=meeting_id)
        return {topic["title"]: self.get_model(f"agenda_item/{topic['agenda_item_id']}") for topic in topics.values()}


class TestRefusals(ForwardTest):
    """Permission and checks."""

    def setup_method(self) -> None:
        super().setup_method()
        self.item(1)

    @pytest.mark.parametrize(
        ("groups", "status"), [([2, 11], 200), ([2, 10], 403), ([1, 11], 403), ([2], 403), ([], 403)]
    )
    def test_admin_everywhere(self, groups: list[int], status: int) -> None:
        self.forward(1, user=self.create_user(group_ids=groups)).assert_status(status)
        assert len(self.copies()) == (status == 200)

    def test_anonymous(self) -> None:
        self.forward(1, user=0).assert_status(403)

    def test_locked_from_inside(self) -> None:
        self.set_models({f"meeting/{TARGET}": {"locked_from_inside": True}})
        self.forward(1).assert_status(403)

    def test_nothing_or_nowhere(self) -> None:
        self.forward().assert_status(400, "agenda_item_ids")
        self.forward(1, to=()).assert_status(400, "meeting_ids")

    def test_what_does_not_exist(self) -> None:
        self.forward(1, 9).assert_status(400, "agenda_item/9")
        self.forward(1, to=(99,)).assert_status(400, "meeting/99")

    def test_several_origins(self) -> None:
        self.item(2, meeting_id=OTHER)
        self.forward(1, 2).assert_status(400, "same meeting")

    def test_no_topic(self) -> None:
        self.set_models({"agenda_item/2": {"content_object_id": "motion/1", "meeting_id": ORIGIN}})
        self.forward(1, 2).assert_status(400, "agenda_item/2")

    def test_to_itself(self) -> None:
        self.forward(1, to=(TARGET, ORIGIN)).assert_status(400, "meeting_ids")

    def test_archived_target_before_permission(self) -> None:
        self.set_models({f"meeting/{TARGET}": {"is_active_in_organization_id": None}})
        self.forward(1, user=self.create_user()).assert_status(400, "archived")

    def test_archived_origin(self) -> None:
        self.set_models({f"meeting/{ORIGIN}": {"is_active_in_organization_id": None}})
        self.forward(1).assert_status(400, "archived")

    def test_twice_in_a_batch(self) -> None:
        element = {"meeting_ids": [TARGET], "agenda_item_ids": [1]}
        self.request("agenda_item.forward", element, element).assert_status(400)

    @pytest.mark.parametrize(
        "fields", [{"begin_time": 1}, {"point_of_order": True}, {"speech_state": "intervention"}], ids=str
    )
    def test_speakers_that_can_not_be_forwarded(self, fields: dict[str, Any]) -> None:
        self.speaker(5, 1, None, **fields)
        self.forward(1, with_speakers=True).assert_status(400, "speaker/5")
        self.forward(1).assert_status(200)

    def test_level_time_needs_a_default_in_the_target(self) -> None:
        self.set_models(
            {
                "structure_level/1": {"name": "north", "meeting_id": ORIGIN},
                "structure_level_list_of_speakers/1": {
                    "structure_level_id": 1,
                    "list_of_speakers_id": 1,
                    "meeting_id": ORIGIN,
                    "initial_time": 60,
                    "remaining_time": 20,
                },
                "list_of_speakers/1": {"structure_level_list_of_speakers_ids": [1]},
            }
        )
        self.forward(1, with_speakers=True).assert_status(400, "default_structure_level_time")


class TestTopics(ForwardTest):
    """Topics, their order and their places in the agenda."""

    def test_values(self) -> None:
        self.item(1, type="hidden", comment="c", weight=7, item_number="1", closed=True, duration=5)
        self.set_models({"topic/1": {"text": "<p>text</p>"}, "list_of_speakers/1": {"moderator_notes": "n"}})
        self.item(50, meeting_id=TARGET, weight=100)
        answer = self.forward(1).assert_status(200)
        assert answer.results == [None]
        copy = self.copies()["T1"]
        wanted = {"type": "hidden", "comment": "c", "weight": 107, "level": 0, "is_hidden": True, "closed": False}
        assert {name: copy[name] for name in wanted} == wanted
        assert not copy.keys() & {"item_number", "duration", "parent_id"}
        topic = self.assert_model_exists(copy["content_object_id"], {"text": "<p>text</p>", "meeting_id": TARGET})
        self.assert_model_exists(f"list_of_speakers/{topic['list_of_speakers_id']}", {"moderator_notes": None})

    def test_order_of_ids(self) -> None:
        for id_, parent in ((1, None), (2, 1), (3, 2), (4, 2), (5, 1), (6, 5), (7, None)):
            self.item(id_, parent)
        self.forward(1, 2, 3, 4, 5, 6, 7).assert_status(200)
        assert list(self.copies()) == ["T1", "T7", "T2", "T5", "T3", "T4", "T6"]

    def test_skipped_ancestors(self) -> None:
        for id_, parent in ((1, None), (2, 1), (3, 2), (4, 1), (5, 2)):
            self.item(id_, parent)
        self.forward(1, 3, 4).assert_status(200)
        copies = self.copies()
        assert list(copies) == ["T1", "T4", "T3"]
        assert copies["T3"]["parent_id"] == copies["T4"]["parent_id"] == copies["T1"]["id"]
        assert copies["T3"]["level"] == 1
        self.forward(5, to=(OTHER,)).assert_status(200)
        assert "parent_id" not in self.copies(OTHER)["T5"]

    def test_children_given_before_their_parent_come_late(self) -> None:
        for id_, parent in ((1, None), (2, 1), (3, 2), (4, 1)):
            self.item(id_, parent)
        self.forward(3, 4, 1).assert_status(200)
        assert list(self.copies()) == ["T1", "T3", "T4"]

    def test_every_target(self) -> None:
        self.item(1)
        self.forward(1, to=(OTHER, TARGET)).assert_status(200)
        assert self.copies(OTHER)["T1"]["id"] < self.copies(TARGET)["T1"]["id"]

    def test_number_of_calls_does_not_grow(self) -> None:
        for id_ in range(1, 13):
            self.item(id_, id_ - 1 or None)
        counts = []
        for items, target in (((1, 2), TARGET), (tuple(range(1, 13)), OTHER)):
            with self.stack.count_calls() as calls:
                self.forward(*items, to=(target,)).assert_status(200)
            counts.append((calls.reads, calls.reserves, calls.writes))
        assert counts[0] == counts[1]

    def test_moderator_notes(self) -> None:
        self.item(1)
        self.set_models({"list_of_speakers/1": {"moderator_notes": "n", "closed": True}})
        self.forward(1, with_moderator_notes=True).assert_status(200)
        topic = self.get_model(self.copies()["T1"]["content_object_id"])
        new = self.get_model(f"list_of_speakers/{topic['list_of_speakers_id']}")
        assert (new["moderator_notes"], new.get("closed")) == ("n", False)

    def test_published_file(self) -> None:
        self.item(1)
        self.set_models(
            {
                "mediafile/3": {"owner_id": "organization/1", "published_to_meetings_in_organization_id": 1},
                "meeting_mediafile/4": {"mediafile_id": 3, "meeting_id": ORIGIN, "is_public": True},
                "topic/1": {"attachment_meeting_mediafile_ids": [4]},
            }
        )
        self.forward(1, with_attachments=True).assert_status(200)
        topic = self.get_model(self.copies()["T1"]["content_object_id"])
        (link,) = topic["attachment_meeting_mediafile_ids"]
        self.assert_model_exists(f"meeting_mediafile/{link}", {"mediafile_id": 3, "meeting_id": TARGET})

    def test_files_of_the_meeting(self) -> None:
        self.item(1)
        self.item(2)
        here = {"owner_id": f"meeting/{ORIGIN}"}
        self.set_models(
            {
                "mediafile/3": {"title": "f", "mimetype": "text/plain", "parent_id": 5, **here},
                "mediafile/5": {"title": "d", "is_directory": True, "child_ids": [3], **here},
                "mediafile/6": {"title": "d", "owner_id": f"meeting/{TARGET}"},
                "meeting_mediafile/3": {"mediafile_id": 3, "meeting_id": ORIGIN},
                "meeting_mediafile/5": {"mediafile_id": 5, "meeting_id": ORIGIN},
                "topic/1": {"attachment_meeting_mediafile_ids": [5, 3]},
                "topic/2": {"attachment_meeting_mediafile_ids": [3]},
            }
        )
        self.forward(1, 2, with_attachments=True).assert_status(200)
        new = {
            id_: file for id_, file in self.find_models("mediafile", owner_id=f"meeting/{TARGET}").items() if id_ > 6
        }
        (file, folder) = new
        assert [new[file]["title"], new[folder]["title"]] == ["f", "d (1)"]
        assert (new[file]["parent_id"], new[folder].get("parent_id")) == (folder, None)
        links = {
            link["mediafile_id"]: link for link in self.find_models("meeting_mediafile", meeting_id=TARGET).values()
        }
        assert [links[id_]["inherited_access_group_ids"] for id_ in new] == [[11], [11]]
        assert [links[id_].get("access_group_ids") or [] for id_ in new] == [[], [11]]
        copies = self.copies()
        attached = {
            title: self.get_model(copies[title]["content_object_id"])["attachment_meeting_mediafile_ids"]
            for title in ("T1", "T2")
        }
        assert attached == {"T1": [links[folder]["id"], links[file]["id"]], "T2": [links[file]["id"]]}


class TestSpeakers(ForwardTest):
    """Speakers and what they bring with them."""

    def setup_method(self) -> None:
        super().setup_method()
        self.item(1)

    def new_speakers(self) -> list[dict[str, Any]]:
        """The speakers in the target, in the order of their ids."""
        return list(self.find_models("speaker", meeting_id=TARGET).values())

    def test_new_participant(self) -> None:
        user_id = self.create_user(group_ids=[3])
        member = self.meeting_user_id(user_id, ORIGIN) or 0
        self.set_models(
            {
                "group/3": {"name": "Delegates", "permissions": ["user.can_see"]},
                "structure_level/1": {"name": "north", "color": "#112233", "meeting_id": ORIGIN},
                f"meeting_user/{member}": {"structure_level_ids": [1], "number": "7", "vote_weight": "2.000000"},
                "point_of_order_category/1": {"text": "rules", "rank": 3, "meeting_id": ORIGIN},
                "list_of_speakers/1": {"closed": True},
            }
        )
        done = {"begin_time": 10, "end_time": 20, "point_of_order": True, "point_of_order_category_id": 1}
        self.speaker(5, 1, member, weight=2, note="n", **done)
        self.speaker(6, 1, None, weight=3)
        self.speaker(7, 1, member, weight=0)
        self.forward(1, with_speakers=True).assert_status(200)
        (group,) = self.find_models("group", meeting_id=TARGET, name="Delegates").values()
        assert "permissions" not in group
        (level,) = self.find_models("structure_level", meeting_id=TARGET).values()
        assert (level["name"], level["color"]) == ("north", "#112233")
        new = self.meeting_user_id(user_id, TARGET)
        values = {"group_ids": [group["id"]], "structure_level_ids": [level["id"]], "number": "7", "vote_weight": None}
        self.assert_model_exists(f"meeting_user/{new}", values)
        first, second = self.new_speakers()
        (category,) = self.find_models("point_of_order_category", meeting_id=TARGET).values()
        assert (category["text"], category["rank"]) == ("rules", 3)
        wanted = {
            **done,
            "point_of_order_category_id": category["id"],
            "note": "n",
            "weight": 2,
            "meeting_user_id": new,
        }
        assert {name: first[name] for name in wanted} == wanted
        assert (second["weight"], second.get("begin_time")) == (0, None)
        self.assert_model_exists(f"list_of_speakers/{first['list_of_speakers_id']}", {"closed": True})
        assert self.history_of(f"user/{user_id}")

    def test_known_participant(self) -> None:
        user_id = self.create_user(group_ids=[2, 3, 12])
        self.set_models({"group/3": {"name": "Same"}, "group/12": {"name": "Same"}, "group/2": {"name": "New"}})
        member = self.meeting_user_id(user_id, ORIGIN) or 0
        self.speaker(5, 1, member)
        self.forward(1, with_speakers=True).assert_status(200)
        known = self.meeting_user_id(user_id, TARGET)
        (new,) = self.find_models("group", meeting_id=TARGET, name="New")
        self.assert_model_exists(f"meeting_user/{known}", {"group_ids": [12, new]})
        assert [speaker["meeting_user_id"] for speaker in self.new_speakers()] == [known]

    def test_level_times(self) -> None:
        user_id = self.create_user(group_ids=[3])
        self.set_models(
            {
                f"meeting/{TARGET}": {"list_of_speakers_default_structure_level_time": 30},
                "structure_level/1": {"name": "north", "meeting_id": ORIGIN},
                "structure_level/2": {"name": "north", "meeting_id": TARGET},
                "structure_level_list_of_speakers/1": {
                    "structure_level_id": 1,
                    "list_of_speakers_id": 1,
                    "meeting_id": ORIGIN,
                    "initial_time": 60,
                    "remaining_time": 20,
                    "additional_time": 5,
                },
                "list_of_speakers/1": {"structure_level_list_of_speakers_ids": [1]},
            }
        )
        self.speaker(5, 1, self.meeting_user_id(user_id, ORIGIN), structure_level_list_of_speakers_id=1)
        self.forward(1, with_speakers=True).assert_status(200)
        ((id_, new),) = self.find_models("structure_level_list_of_speakers", meeting_id=TARGET).items()
        wanted = {"structure_level_id": 2, "initial_time": 60, "remaining_time": 20, "additional_time": 5}
        assert {name: new[name] for name in wanted} == wanted
        (speaker,) = self.new_speakers()
        assert speaker["structure_level_list_of_speakers_id"] == id_

    def test_without_flag(self) -> None:
        user_id = self.create_user(group_ids=[3])
        self.speaker(5, 1, self.meeting_user_id(user_id, ORIGIN))
        self.forward(1).assert_status(200)
        assert not self.new_speakers()
        assert self.meeting_user_id(user_id, TARGET) is None
