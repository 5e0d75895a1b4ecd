"""A meeting in which people queue and speak."""

from typing import Any

from tests.integration.actions.rights import RightsTest

LIST = 5


class SpeakingTest(RightsTest):
    """Base of tests of speakers: meeting/1 with list_of_speakers/5 of topic/5, and projector_countdown/5.

    `speaker(id, ...)` stores a speaker of that list. Group 3 is that of the participants.
    """

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(
            list_of_speakers_ids=[LIST],
            topic_ids=[5],
            projector_countdown_ids=[5],
            list_of_speakers_countdown_id=5,
            structure_level_ids=[1, 2],
        )
        in_meeting = {"meeting_id": 1}
        self.set_models(
            {
                "topic/5": {"title": "x", "sequential_number": 1, "list_of_speakers_id": LIST, **in_meeting},
                f"list_of_speakers/{LIST}": {"sequential_number": 1, "content_object_id": "topic/5", **in_meeting},
                "projector_countdown/5": {
                    "title": "speakers",
                    "default_time": 60,
                    "countdown_time": 31,
                    "used_as_list_of_speakers_countdown_meeting_id": 1,
                    **in_meeting,
                },
                "structure_level/1": {"name": "north", **in_meeting},
                "structure_level/2": {"name": "south", **in_meeting},
            }
        )

    def settings(self, **fields: Any) -> None:
        """Set settings of the meeting, without their common prefix."""
        self.set_models({"meeting/1": {f"list_of_speakers_{name}": value for name, value in fields.items()}})

    def speaker(self, id_: int, list_id: int = LIST, **fields: Any) -> None:
        """Store a speaker."""
        self.set_models({f"speaker/{id_}": {"list_of_speakers_id": list_id, "meeting_id": 1, **fields}})
        lists = {"speaker_ids": [id_]}
        self.add_to_lists({f"list_of_speakers/{list_id}": lists, "meeting/1": lists})
        if fields.get("meeting_user_id"):
            self.add_to_lists({f"meeting_user/{fields['meeting_user_id']}": lists})

    def other_list(self, list_id: int) -> None:
        """Store another list of speakers of the meeting."""
        topic = f"topic/{list_id}"
        self.set_models(
            {
                topic: {"title": "y", "meeting_id": 1, "sequential_number": 2, "list_of_speakers_id": list_id},
                f"list_of_speakers/{list_id}": {"meeting_id": 1, "sequential_number": 2, "content_object_id": topic},
            }
        )

    def participant(self, *permissions: str, **fields: Any) -> tuple[int, int]:
        """A new user in group 3, which gets these permissions; ids of user and meeting user."""
        self.set_permissions(3, permissions)
        user_id = self.create_user(group_ids=[3], **fields)
        return user_id, self.meeting_user_id(user_id, 1) or 0

    def level_time(self, id_: int, level: int = 1, list_id: int = LIST, **fields: Any) -> None:
        """Store the time of a structure level in the list."""
        self.set_models(
            {
                f"structure_level_list_of_speakers/{id_}": {
                    "meeting_id": 1,
                    "structure_level_id": level,
                    "list_of_speakers_id": list_id,
                    "initial_time": 600,
                    "remaining_time": 500,
                    **fields,
                }
            }
        )
        lists = {"structure_level_list_of_speakers_ids": [id_]}
        self.add_to_lists({f"structure_level/{level}": lists, f"list_of_speakers/{list_id}": lists, "meeting/1": lists})

    def weights(self, list_id: int = LIST) -> dict[int, int | None]:
        """The weights of the speakers of a list, by id."""
        found = self.find_models("speaker", list_of_speakers_id=list_id)
        return {id_: model.get("weight") for id_, model in found.items()}
