"""Forgotten passwords and invitations, over a real SMTP server (user_passwords_and_mail.md)."""

import dataclasses
import email
import email.policy
import re
from email.message import EmailMessage
from typing import Any, ClassVar

import pytest
from werkzeug.test import Client

from openslides_backend.services.background import Job
from openslides_backend.services.datastore import UpdateEvent
from openslides_backend.services.passwords import verify_password
from openslides_backend.wsgi import create_action_application
from tests.integration.actions.interference import interfered
from tests.integration.base import IntegrationTest
from tests.integration.services.smtp_server import Manners, SmtpServer

SETTINGS = {
    "EMAIL_HOST": "localhost",
    "EMAIL_CONNECTION_SECURITY": "NONE",
    "DEFAULT_FROM_EMAIL": "sender@example.com",
}


class MailTest(IntegrationTest):
    """Base: one mail server for all tests of a class, and a participant of meeting/1 with an address."""

    server: ClassVar[SmtpServer]

    @classmethod
    def setup_class(cls) -> None:
        cls.server = SmtpServer().__enter__()
        cls.variables = {**SETTINGS, "EMAIL_PORT": str(cls.server.port)}

    @classmethod
    def teardown_class(cls) -> None:
        cls.server.__exit__(None, None, None)

    def setup_method(self) -> None:
        super().setup_method()
        self.server.deliveries.clear()
        self.server.manners.__dict__.update(Manners().__dict__)
        self.server.connections = 0
        self.create_meeting()
        self.set_models({"organization/1": {"url": "https://example.com"}})
        self.user_id = self.create_user(
            "ann", group_ids=[3], email="Ann@example.com", first_name=" Ann ", last_name="Lee"
        )

    def mails(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(delivery.content, policy=email.policy.default, _class=EmailMessage)
            for delivery in self.server.deliveries
        ]

    def sent_at(self, user_id: int = 0) -> int | None:
        return self.get_model(f"user/{user_id or self.user_id}").get("last_email_sent")


class TestForgetPassword(MailTest):
    """`user.forget_password`."""

    def forget(self, *addresses: str, status: int = 200, **options: Any) -> Any:
        elements = [{"email": address} for address in addresses or ("aNN@EXAMPLE.com",)]
        return self.request("user.forget_password", *elements, user=0, **options).assert_status(status)

    def test_mail(self) -> None:
        assert self.forget().results == [None]
        (mail,) = self.mails()
        assert mail["Subject"] == "Reset your OpenSlides password: ann"
        assert (mail["To"], mail["From"], mail["Reply-To"]) == ("Ann@example.com", "sender@example.com", None)
        assert "10 minutes" in mail.get_content()
        assert self.sent_at()

    def test_the_link_leads_to_a_new_password(self) -> None:
        self.forget()
        found = re.search(
            r"https://example.com/login/forget-password-confirm\?user_id=(\d+)&token=(\S+)",
            self.mails()[0].get_content(),
        )
        assert found
        element = {"user_id": int(found[1]), "authorization_token": found[2], "new_password": "new"}
        self.request("user.forget_password_confirm", element, user=0).assert_status(200)
        assert verify_password("new", self.get_model(f"user/{self.user_id}")["password"])

    def test_language_of_the_request(self) -> None:
        payload = [{"action": "user.forget_password", "data": [{"email": "ann@example.com"}]}]
        self.request_json(payload, user=0, headers={"Accept-Language": "de;q=0.9,xx"}).assert_status(200)
        assert "10 Minuten" in self.mails()[0].get_content()

    def test_everybody_with_the_address(self) -> None:
        other_id = self.create_user("bob", email="ann@EXAMPLE.com", is_active=False)
        self.create_user("eve", email="annx@example.com")
        self.forget()
        assert [mail["To"] for mail in self.mails()] == ["Ann@example.com", "ann@EXAMPLE.com"]
        assert self.sent_at(other_id)

    def test_nobody(self) -> None:
        self.forget("nobody@example.com", "a_n@example.com")
        assert self.mails() == []
        assert self.server.connections == 1

    def test_few_connections_for_many_requests(self) -> None:
        for number in range(20):
            self.forget(f"nobody{number}@example.com")
        assert self.server.connections == 1

    def test_checks(self) -> None:
        self.forget(" ann@example.com", status=400)
        assert self.mails() == []
        assert self.sent_at() is None

    def test_single_sign_on_gets_no_mail_and_the_answer_does_not_tell(self) -> None:
        other_id = self.create_user("bob", email="ann@example.com", saml_id="x")
        assert self.forget().body == self.forget("nobody@example.com").body
        assert [mail["To"] for mail in self.mails()] == ["Ann@example.com"]
        assert self.sent_at(other_id) is None

    def test_one_mail_an_address_and_minute(self) -> None:
        self.forget(*["ann@example.com", "ANN@example.com"] * 15)
        self.forget()
        assert len(self.mails()) == 1
        self.stack.services.reset_mails.clear()
        self.forget()
        assert len(self.mails()) == 2

    def test_known_and_unknown_addresses_cost_the_same_until_the_answer(self) -> None:
        class Later:
            """Keeps jobs instead of carrying them out."""

            def __init__(self) -> None:
                self.jobs: list[Job] = []

            def is_full(self) -> bool:
                return len(self.jobs) > 1

            def submit(self, job: Job) -> None:
                self.jobs.append(job)

        later = Later()
        application = create_action_application(
            self.stack.environment, dataclasses.replace(self.stack.services, background=later)
        )
        calls = []
        for address in ("ann@example.com", "nobody@example.com"):
            batch = [{"action": "user.forget_password", "data": [{"email": address}]}]
            with self.stack.count_calls() as counted:
                assert Client(application).post("/", json=batch).status_code == 200
            calls.append(counted.paths)
        assert calls[0] == calls[1]
        assert self.mails() == []
        assert len(later.jobs) == 2
        assert Client(application).post("/", json=batch).status_code == 503
        for job in later.jobs:
            job()
        assert len(self.mails()) == 1

    def test_refused_mails_are_no_error(self) -> None:
        self.server.manners.refused_recipients = ("Ann@example.com",)
        other_id = self.create_user("bob", email="ann@example.com")
        self.forget()
        assert (self.sent_at(), bool(self.sent_at(other_id))) == (None, True)


class TestInvitation(MailTest):
    """`user.send_invitation_email`."""

    def setup_method(self) -> None:
        super().setup_method()
        templates = {
            "users_email_sender": " The board ",
            "users_email_replyto": "reply@example.com",
            "users_email_subject": "{event_name} {name} {groups} {password}",
            "users_email_body": "{title}|{username}|{password}|{url}|{structure_levels}|{xy}|{{}}",
        }
        self.set_models(
            {
                "meeting/1": {"name": "Annual", **templates},
                "organization/1": {"name": "Orga", **templates, "users_email_replyto": None},
                f"user/{self.user_id}": {"default_password": "secret", "title": "Dr."},
                "structure_level/5": {"name": "North", "meeting_id": 1},
                f"meeting_user/{self.meeting_user_id(self.user_id, 1)}": {"structure_level_ids": [5]},
            }
        )
        self.element = {"id": self.user_id, "meeting_id": 1}

    def invite(self, *elements: Any, user: int = 1, **options: Any) -> list[dict[str, Any]]:
        payload = [{"action": "user.send_invitation_email", "data": list(elements or (self.element,))}]
        answer = self.request_json(payload, user=user, **options).assert_status(200)
        results: list[dict[str, Any]] = answer.results[0]
        return results

    def assert_fails(self, kind: str | None, *elements: Any, recipient: bool = False, **options: Any) -> None:
        """The one element fails, and the mail of a second one, in the name of the organization, goes out."""
        self.create_user(f"second{self._last_id}", email="second@example.com")
        (element,) = elements or (self.element,)
        failed, sent = self.invite(element, {"id": self._last_id}, **options)
        assert (failed["sent"], failed.get("type")) == (False, kind)
        assert failed["message"].endswith("1 of 2")
        assert ("recipient" in failed) == recipient
        if "user" not in options:
            assert sent["sent"]
        assert self.sent_at() is None

    def test_mail_of_a_meeting(self) -> None:
        (entry,) = self.invite()
        ids = {"recipient_user_id": self.user_id, "recipient_meeting_id": 1}
        assert entry == {"sent": True, **ids, "recipient": "Ann@example.com"}
        (mail,) = self.mails()
        assert mail["From"].addresses[0].display_name == "The board"
        assert (mail["To"], mail["Reply-To"]) == ("Ann@example.com", "reply@example.com")
        assert mail["Subject"] == "Annual Dr. Ann Lee Delegates 'password'"
        assert mail.get_content().strip() == "Dr.|ann|secret|https://example.com|North|'xy'|{}"
        assert self.sent_at()

    def test_mail_of_the_organization(self) -> None:
        (entry,) = self.invite({"id": self.user_id, "meeting_id": None})
        assert entry["recipient_meeting_id"] is None
        (mail,) = self.mails()
        assert mail["Subject"] == "Orga Dr. Ann Lee 'groups' 'password'"
        assert mail["Reply-To"] is None

    def test_names(self) -> None:
        self.set_models({"organization/1": {"users_email_sender": "  ", "users_email_subject": "{name}"}})
        self.set_models({f"user/{self.user_id}": {"first_name": None, "last_name": " ", "title": None}})
        self.invite({"id": self.user_id})
        (mail,) = self.mails()
        assert (mail["Subject"], mail["From"]) == ("ann", "sender@example.com")

    @pytest.mark.parametrize(
        ("kind", "element"),
        [
            ("other_error", {}),
            ("other_error", 5),
            ("other_error", {"id": "x", "meeting_id": 1}),
            ("other_error", {"id": 999}),
            ("other_error", {"id": 1, "meeting_id": 99}),
            ("user_error", {"id": 1}),
        ],
    )
    def test_bad_elements(self, kind: str, element: Any) -> None:
        self.assert_fails(kind, element)

    @pytest.mark.parametrize(
        ("kind", "recipient", "model", "fields"),
        [
            (None, False, "meeting/1", {"is_active_in_organization_id": None}),
            ("user_error", False, "user", {"email": "nowhere"}),
            ("user_error", True, "user", {"meeting_ids": [7]}),
            ("settings_error", True, "meeting/1", {"users_email_sender": "[x]"}),
            ("settings_error", True, "meeting/1", {"users_email_replyto": "nowhere"}),
            (None, False, "meeting/1", {"users_email_body": "{"}),
            (None, False, "meeting/1", {"users_email_subject": "{0}"}),
            (None, False, "meeting/1", {"users_email_subject": "a\nb"}),
        ],
    )
    def test_bad_data(self, kind: str | None, recipient: bool, model: str, fields: dict[str, Any]) -> None:
        self.set_models({f"user/{self.user_id}" if model == "user" else model: fields})
        self.assert_fails(kind, recipient=recipient)

    @pytest.mark.parametrize("manner", ["refused_recipients", "refused_data_for"])
    def test_refused_by_the_server(self, manner: str) -> None:
        setattr(self.server.manners, manner, ("Ann@example.com",))
        self.assert_fails("configuration_error")

    def test_a_server_that_hangs_up(self) -> None:
        self.server.manners.hangs_up_on = ("Ann@example.com",)
        kinds = [entry["type"] for entry in self.invite(self.element, self.element)]
        assert kinds == ["configuration_error"] * 2

    def test_a_refused_sender_ends_it(self) -> None:
        self.server.manners.refused_senders = ("sender@example.com",)
        results = self.invite({}, self.element, self.element)
        assert [entry["type"] for entry in results] == ["other_error", "configuration_error"]
        assert results[1].keys() == {"sent", "message", "type"}

    def test_permission(self) -> None:
        self.set_permissions(3, ["user.can_update"])
        assert self.invite(user=self.user_id)[0]["sent"]
        self.set_models({f"user/{self.user_id}": {"last_email_sent": None}})
        for user in (0, self.create_user(oml="can_manage_users"), self.create_user(group_ids=[1])):
            self.assert_fails("user_error", user=user)
        (entry,) = self.invite({"id": self.user_id}, user=self.create_user(oml="can_manage_users"))
        assert entry["sent"]
        assert self.invite(internal=True)[0]["type"] == "user_error"
        self.set_models({"meeting/1": {"locked_from_inside": True}})
        assert self.invite()[0]["type"] == "user_error"

    def test_one_connection_and_few_reads(self) -> None:
        users = [self.create_user(f"u{n}", group_ids=[3], email=f"u{n}@example.com") for n in range(20)]
        with self.stack.count_calls() as one:
            self.invite()
        with self.stack.count_calls() as many:
            self.invite(*({"id": id_, "meeting_id": 1} for id_ in users))
        assert one.reads <= 5
        assert many.reads <= one.reads
        assert self.server.connections == 2
        assert len(self.mails()) == 21

    def test_a_retry_sends_nothing_again(self) -> None:
        self.server.manners.refused_recipients = ("x@example.com",)
        refused_id = self.create_user(email="x@example.com")
        with interfered(self.stack, UpdateEvent(f"user/{self.user_id}", {"title": "Prof."})) as calls:
            results = self.invite({"id": self.user_id}, {"id": refused_id}, {"id": self.user_id, "meeting_id": 1})
        assert calls.writes == 2
        assert [entry["sent"] for entry in results] == [True, False, True]
        assert len(self.mails()) == 2


class TestWithoutServer(MailTest):
    """The server can't be reached."""

    @classmethod
    def setup_class(cls) -> None:
        super().setup_class()
        cls.server.__exit__(None, None, None)

    @classmethod
    def teardown_class(cls) -> None:
        pass

    def test_invitation(self) -> None:
        (entry,) = self.request("user.send_invitation_email", {"id": self.user_id}, {}).assert_status(200).results[0]
        assert entry == {"sent": False, "message": entry["message"], "type": "configuration_error"}

    def test_forgotten_password(self) -> None:
        for address in ("ann@example.com", "nobody@example.com"):
            answer = self.request("user.forget_password", {"email": address}, user=0).assert_status(400)
            assert str(self.server.port) not in answer.message


class TestBadSender(IntegrationTest):
    """`DEFAULT_FROM_EMAIL` is no address."""

    variables: ClassVar[dict[str, str]] = {"DEFAULT_FROM_EMAIL": "me@secret"}

    def test_invitation(self) -> None:
        (entry,) = self.request("user.send_invitation_email", {"id": 1}, {}).assert_status(200).results[0]
        assert (entry["sent"], entry["type"]) == (False, "configuration_error")

    def test_forgotten_password(self) -> None:
        answer = self.request("user.forget_password", {"email": "a@example.com"}, user=0).assert_status(400)
        assert "secret" not in answer.message
