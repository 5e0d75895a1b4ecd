"""`meeting.user_ids`, `user.meeting_ids`, `user.committee_ids` and `committee.user_ids` follow their sources."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openslides_backend.engine.calculated import CalculatedFields
from openslides_backend.engine.relations import Relations
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.models.models import MODELS, MeetingUser, User
from tests.integration.base import IntegrationTest

USERS = (11, 12)
MEETINGS = (21, 22)
COMMITTEES = (31, 32, 33)


class Work:
    """A batch of direct changes, with the calculated fields refreshed after each."""

    def __init__(self, datastore: Any) -> None:
        self.datastore = datastore
        self.uow = UnitOfWork(datastore)
        self.relations = Relations(self.uow, MODELS)
        self.calculated = CalculatedFields(self.uow, self.relations, User)

    def membership(self, id_: int, **fields: Any) -> None:
        if self.uow.exists("meeting_user", id_):
            self.relations.load(MeetingUser, [{"id": id_, **fields}])
            self.relations.update(MeetingUser, id_, fields)
        else:
            self.relations.create(MeetingUser, id_, fields)
        self.calculated.refresh()

    def user(self, id_: int, **fields: Any) -> None:
        self.relations.load(User, [{"id": id_, **fields}])
        self.relations.update(User, id_, fields)
        self.calculated.refresh()

    def commit(self) -> None:
        request = self.uow.write_request(1)
        if request is not None:
            self.datastore.write([request])


class TestCalculated(IntegrationTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.prepare()

    def prepare(self) -> None:
        """Two meetings in the first two of three committees, each with two groups, and two users."""
        models: dict[str, Any] = {f"user/{id_}": {"username": f"u{id_}"} for id_ in USERS}
        models.update({f"committee/{id_}": {"name": f"c{id_}"} for id_ in COMMITTEES})
        for meeting_id, committee_id in zip(MEETINGS, COMMITTEES, strict=False):
            models[f"meeting/{meeting_id}"] = {"committee_id": committee_id, "name": "m"}
            for number in (1, 2):
                models[f"group/{meeting_id * 10 + number}"] = {"meeting_id": meeting_id, "name": "g"}
        self.set_models(models)
        self.work = Work(self.stack.services.datastore)

    def test_first_group_adds_everything(self) -> None:
        self.work.membership(1, user_id=11, meeting_id=21, group_ids=[211])
        self.work.commit()
        assert self.get_model("meeting/21")["user_ids"] == [11]
        assert self.get_model("user/11")["meeting_ids"] == [21]
        assert self.get_model("user/11")["committee_ids"] == [31]
        assert self.get_model("committee/31")["user_ids"] == [11]

    def test_membership_without_groups_adds_nothing(self) -> None:
        self.work.membership(1, user_id=11, meeting_id=21)
        self.work.commit()
        assert "user_ids" not in self.get_model("meeting/21")
        assert "meeting_ids" not in self.get_model("user/11")

    def test_other_entries_of_stored_lists_stay(self) -> None:
        self.set_models({"meeting/21": {"user_ids": [99]}, "user/11": {"meeting_ids": [98]}})
        self.work.membership(1, user_id=11, meeting_id=21, group_ids=[211])
        self.work.membership(1, group_ids=[])
        self.work.commit()
        assert self.get_model("meeting/21")["user_ids"] == [99]
        assert self.get_model("user/11")["meeting_ids"] == [98]

    def test_groups_alone_neither_add_nor_remove_the_home_committee(self) -> None:
        self.set_models({"user/11": {"home_committee_id": 33}, "user/12": {"home_committee_id": 33}})
        self.set_models({"user/12": {"committee_ids": [33]}, "committee/33": {"user_ids": [12]}})
        self.work.membership(1, user_id=11, meeting_id=21, group_ids=[211])
        self.work.membership(2, user_id=12, meeting_id=21, group_ids=[211])
        self.work.commit()
        assert self.get_model("user/11")["committee_ids"] == [31]
        assert self.get_model("user/12")["committee_ids"] == [33, 31]

    def test_deleted_membership(self) -> None:
        self.work.membership(1, user_id=11, meeting_id=21, group_ids=[211])
        self.work.commit()
        self.work = Work(self.stack.services.datastore)
        self.work.uow.load("meeting_user", [1], "user_id", "meeting_id", "group_ids")
        self.work.uow.begin_delete("meeting_user", 1)
        self.work.calculated.refresh()
        self.work.commit()
        assert self.get_model("meeting/21")["user_ids"] == []
        assert self.get_model("user/11")["meeting_ids"] == []
        assert self.get_model("user/11")["committee_ids"] == []
        assert self.get_model("committee/31")["user_ids"] == []

    def test_calls_do_not_grow_with_the_users(self) -> None:
        self.set_models({f"user/{id_}": {"username": f"u{id_}"} for id_ in range(100, 140)})

        def calls_for(users: range) -> int:
            work = Work(self.stack.services.datastore)
            fields = [{"user_id": id_, "meeting_id": 21, "group_ids": [211]} for id_ in users]
            work.uow.prefetch(work.relations.needs(MeetingUser, fields))
            with self.stack.count_calls() as calls:
                for id_, entry in zip(users, fields, strict=True):
                    work.relations.create(MeetingUser, id_, entry)
                work.calculated.refresh()
            return calls.reads

        assert calls_for(range(100, 101)) == calls_for(range(101, 140))

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.one_of(
                st.tuples(
                    st.just("groups"),
                    st.sampled_from(USERS),
                    st.sampled_from(MEETINGS),
                    st.sets(st.sampled_from([1, 2])),
                ),
                st.tuples(st.just("manages"), st.sampled_from(USERS), st.sets(st.sampled_from(COMMITTEES))),
                st.tuples(st.just("home"), st.sampled_from(USERS), st.sampled_from([None, *COMMITTEES])),
                st.tuples(st.just("commit")),
            ),
            max_size=8,
        )
    )
    def test_right_after_any_sequence(self, operations: list[Any]) -> None:
        self.stack.reset()
        self.prepare()
        for operation in operations:
            if operation[0] == "groups":
                _, user, meeting, groups = operation
                fields: dict[str, Any] = {"group_ids": sorted(meeting * 10 + group for group in groups)}
                id_ = user * 100 + meeting
                if not self.work.uow.exists("meeting_user", id_):
                    fields |= {"user_id": user, "meeting_id": meeting}
                self.work.membership(id_, **fields)
            elif operation[0] == "manages":
                self.work.user(operation[1], committee_management_ids=sorted(operation[2]))
            elif operation[0] == "home":
                self.work.user(operation[1], home_committee_id=operation[2])
            else:
                self.work.commit()
                self.work = Work(self.stack.services.datastore)
        self.work.commit()
        self._check()

    def _check(self) -> None:
        everything = self.stack.datastore.get_everything()
        memberships = [m for m in everything.get("meeting_user", {}).values() if m.get("group_ids")]
        for user in USERS:
            stored = everything["user"][user]
            meetings = {m["meeting_id"] for m in memberships if m["user_id"] == user}
            committees = {everything["meeting"][meeting]["committee_id"] for meeting in meetings}
            committees |= set(stored.get("committee_management_ids", ()))
            committees |= {stored["home_committee_id"]} if "home_committee_id" in stored else set()
            assert set(stored.get("meeting_ids", ())) == meetings
            assert set(stored.get("committee_ids", ())) == committees
        for committee in COMMITTEES:
            users = {id_ for id_ in USERS if committee in everything["user"][id_].get("committee_ids", ())}
            assert set(everything["committee"][committee].get("user_ids", ())) == users
        for meeting in MEETINGS:
            users = {m["user_id"] for m in memberships if m["meeting_id"] == meeting}
            assert set(everything["meeting"][meeting].get("user_ids", ())) == users
