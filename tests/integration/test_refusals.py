"""Who has no right is refused: every action and every presenter is tried, so that a new one can't forget its rule."""

from typing import Any

import pytest

from openslides_backend.engine.action import Visibility
from openslides_backend.presenters.registry import load_presenters
from openslides_backend.shared.typing import Fields
from tests.integration.base import Answer, IntegrationTest
from tests.integration.payloads import ACTIONS, DATA, MEETING, element
from tests.integration.two_meetings import SHIFT

OTHER_MEETING = MEETING + SHIFT
PUBLIC = sorted(name for name, action in ACTIONS.items() if action.visibility is Visibility.PUBLIC)
HIDDEN = sorted(set(ACTIONS) - set(PUBLIC))
PRESENTERS = load_presenters()

COLORS = {"primary_500": "#000000", "accent_500": "#000000", "warn_500": "#000000"}
CONTENT = {"content_object_id": "topic/1"}
MORE: dict[str, Fields] = {
    "account.import": {"id": 2, "import": True},
    "account.json_upload": {"data": [{"username": "x"}]},
    "agenda_item.forward": {"meeting_ids": [OTHER_MEETING], "agenda_item_ids": [1]},
    "agenda_item.sort": {"tree": [{"id": 1}]},
    "committee.import": {"id": 3, "import": True},
    "committee.json_upload": {"data": [{"name": "x"}]},
    "mediafile.publish": {"publish": True},
    "meeting.update": {"name": "x"},
    "motion.sort": {"tree": [{"id": 1}]},
    "motion_category.sort": {"tree": [{"id": 1}]},
    "organization.update": {"name": "x"},
    "organization_tag.create": {"color": "#000000"},
    "participant.import": {"id": 4, "import": True},
    "participant.json_upload": {"data": [{"username": "x"}]},
    "projection.update_options": {"options": {}},
    "projector.add_to_preview": CONTENT,
    "projector.project": CONTENT,
    "projector.toggle": CONTENT,
    "theme.create": COLORS,
    "topic.import": {"id": 5, "import": True},
    "topic.json_upload": {"data": [{"title": "x"}]},
    "user.assign_meetings": {"meeting_ids": [MEETING]},
    "user.forget_password": {"email": "nobody@example.com"},
    "user.forget_password_confirm": {"authorization_token": "bearer x"},
    "user.set_present": {"present": True},
}
"""What an action needs besides to be judged at all. A new one may have to be told here."""

PREVIEWS: dict[str, Fields] = {
    f"import_preview/{id_}": {"name": name, "state": "done", "created": 1, "result": result}
    for id_, name, result in (
        (2, "account", {"rows": []}),
        (3, "committee", {"rows": []}),
        (4, "participant", {"rows": [], "meeting_id": MEETING}),
        (5, "topic", {"rows": [{"data": {"meeting_id": MEETING}}]}),
    )
}

FOR_EVERYBODY = {
    "user.forget_password": "answers the same to all (user_passwords_and_mail.md)",
    "user.forget_password_confirm": "judged by its token",
    "user.send_invitation_email": "judged for each element, never with 403 (user_passwords_and_mail.md)",
}
FOR_USERS = FOR_EVERYBODY | {
    "poll.vote": "judged by the vote service (poll_vote.md)",
    "user.update_self": "the own account (user.md)",
}
"""Actions that aren't refused, and why."""

QUESTIONS: dict[str, Fields | None] = {
    "check_database": {"meeting_id": MEETING},
    "check_database_all": {},
    "check_mediafile_id": {"mediafile_id": 1},
    "export_meeting": {"meeting_id": MEETING},
    "get_active_users_amount": {},
    "get_forwarding_committees": {"meeting_id": MEETING},
    "get_forwarding_meetings": {"meeting_id": MEETING},
    "get_history_information": {"fqid": "motion/1"},
    "get_mediafile_context": {"mediafile_ids": [1]},
    "get_user_editable": {"user_ids": [1], "fields": ["username"]},
    "get_user_related_models": {"user_ids": [1]},
    "get_user_scope": {"user_ids": [1]},
    "get_users": {},
    "number_of_users": {"number_of_users_to_add_or_activate": 1},
    "search_for_id_by_external_id": {"collection": "committee", "external_id": "x", "context_id": 1},
    "search_users": {"permission_type": "organization", "permission_id": 1, "search": [{"username": "x"}]},
    "server_time": None,
    "whoami": None,
}
TOLD_TO_EVERYBODY = {
    "get_user_editable": "tells what the asker may do (presenters.md)",
    "server_time": "a clock",
    "whoami": "a placeholder",
}
TOLD_TO_USERS = TOLD_TO_EVERYBODY | {
    "get_user_scope": "needs a login (presenters.md)",
    "number_of_users": "needs a login (presenters.md)",
}
"""Presenters that aren't refused, and why."""


class RefusalTest(IntegrationTest):
    """Anonymous; somebody without any right; an administrator of another meeting."""

    variables = {"EMAIL_HOST": "localhost", "EMAIL_PORT": "9", "OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "-2"}

    def setup_method(self) -> None:
        super().setup_method()
        self.set_models(DATA | PREVIEWS)

    def who(self, kind: str) -> int:
        """The id of a user of that kind."""
        match kind:
            case "anonymous":
                return 0
            case "stranger":
                return self.create_user()
            case _:
                return self.create_user(group_ids=[self.get_model(f"meeting/{OTHER_MEETING}")["admin_group_id"]])


KINDS = pytest.mark.parametrize("kind", ["anonymous", "stranger", "admin elsewhere"])


def is_refused(answer: Answer) -> bool:
    """Whether the answer is that of a missing permission."""
    return answer.status == 403 and answer.body["code"] == "permission_denied"


class TestActions(RefusalTest):
    @KINDS
    def test_all_are_refused(self, kind: str) -> None:
        user_id = self.who(kind)
        allowed = FOR_EVERYBODY if kind == "anonymous" else FOR_USERS
        before = self.stack.datastore.get_everything()
        wrong: dict[str, Any] = {}
        for name in PUBLIC:
            if name not in allowed:
                answer = self.request(name, element(name) | MORE.get(name, {}), user=user_id)
                if not is_refused(answer):
                    wrong[name] = answer.body
        assert wrong == {}
        assert self.stack.datastore.get_everything() == before

    @KINDS
    def test_what_is_for_all(self, kind: str) -> None:
        user_id = self.who(kind)
        for name in FOR_EVERYBODY if kind == "anonymous" else FOR_USERS:
            answer = self.request(name, element(name) | MORE.get(name, {}), user=user_id)
            assert answer.status in {200, 400}, (name, answer.body)

    def test_hidden_ones_are_hidden(self) -> None:
        """Also from the superadmin."""
        for name in HIDDEN:
            self.request(name, {}).assert_status(400, "There is no action")


class TestPresenters(RefusalTest):
    @KINDS
    def test_all_are_refused(self, kind: str) -> None:
        user_id = self.who(kind)
        allowed = TOLD_TO_EVERYBODY if kind == "anonymous" else TOLD_TO_USERS
        answers = {name: self.presenter(name, QUESTIONS[name], user=user_id) for name in PRESENTERS}
        assert {name for name, answer in answers.items() if not is_refused(answer)} == set(allowed)
        assert all(answers[name].status == 200 for name in allowed)
