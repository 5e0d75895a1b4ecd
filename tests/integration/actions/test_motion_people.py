"""Submitters, editors and working group speakers of motions (motion_people.md)."""

from typing import Any

import pytest

from openslides_backend.shared.typing import Fields
from tests.integration.actions.rights import RightsTest

KINDS = ("motion_submitter", "motion_editor", "motion_working_group_speaker")
NEEDED = "motion.can_manage_metadata"


def reverse(kind: str) -> str:
    """The field of a motion that names its people of this kind."""
    return f"{kind.removeprefix('motion_')}_ids"


class PeopleTest(RightsTest):
    """Motions 7 and 8 in meeting/1; the participants of `self.member_ids`, who have group 1."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(motion_ids=[7, 8])
        self.create_meeting(10)
        self.set_models({f"motion/{id_}": {"title": f"m{id_}", "meeting_id": 1, "state_id": 1} for id_ in (7, 8)})
        self.member_ids = [self.member(self.create_user(group_ids=[1]), 1) for _ in range(3)]

    def member(self, user_id: int, meeting_id: int) -> int:
        """The id of a user's meeting user, which is there."""
        member_id = self.meeting_user_id(user_id, meeting_id)
        assert member_id is not None
        return member_id

    def people(self, kind: str, *weights: int | None) -> list[int]:
        """Store people of motion/7, one for each of these weights; their ids."""
        ids = [11, 12, 13][: len(weights)]
        link = {"motion_id": 7, "meeting_id": 1}
        models = {
            f"{kind}/{id_}": {"weight": weight, "meeting_user_id": self.member_ids[n], **link}
            for n, (id_, weight) in enumerate(zip(ids, weights, strict=True))
        }
        self.set_models(models)
        self.add_to_lists(
            {
                "motion/7": {reverse(kind): ids},
                "meeting/1": {f"{kind}_ids": ids},
                **{f"meeting_user/{self.member_ids[n]}": {f"{kind}_ids": [id_]} for n, id_ in enumerate(ids)},
            }
        )
        return ids

    def element(self, n: int = 0, motion_id: int = 7, **more: Any) -> Fields:
        """A payload for somebody new."""
        return {"motion_id": motion_id, "meeting_user_id": self.member_ids[n], **more}


@pytest.mark.parametrize("kind", KINDS)
class TestOrdered(PeopleTest):
    """What the three collections have in common."""

    def test_create(self, kind: str) -> None:
        answer = self.request(f"{kind}.create", self.element()).assert_status(200)
        assert answer.results == [[{"id": answer.id}]]
        wanted = {"motion_id": 7, "meeting_id": 1, "meeting_user_id": self.member_ids[0], "weight": 1}
        self.assert_model_exists(f"{kind}/{answer.id}", wanted)
        self.assert_model_exists("motion/7", {reverse(kind): [answer.id], "last_modified": None})
        self.assert_model_exists(f"meeting_user/{self.member_ids[0]}", {f"{kind}_ids": [answer.id]})

    def test_weights_go_on_from_the_highest(self, kind: str) -> None:
        self.people(kind, 3)
        elements = [self.element(1), self.element(2, weight=None), self.element(2, 8, weight=5), self.element(1, 8)]
        answer = self.request(f"{kind}.create", *elements).assert_status(200)
        weights = [self.get_model(f"{kind}/{result['id']}")["weight"] for result in answer.results[0]]
        assert weights == [4, 5, 5, 6]

    def test_budget(self, kind: str) -> None:
        with self.stack.count_calls() as calls:
            self.request(f"{kind}.create", *(self.element(n) for n in range(3))).assert_status(200)
        calls.assert_at_most(reads=3, reserves=2 if kind == "motion_submitter" else 1, writes=1)

    @pytest.mark.parametrize(
        "element",
        [{}, {"motion_id": 7}, {"motion_id": 7, "meeting_user_id": None}, {"motion_id": 7, "user_id": 1}],
        ids=str,
    )
    def test_bad_payload(self, kind: str, element: Fields) -> None:
        self.request(f"{kind}.create", element).assert_status(400)

    def test_unknown_motion_or_member(self, kind: str) -> None:
        self.request(f"{kind}.create", self.element(motion_id=99)).assert_status(400, "motion/99")
        answer = self.request(f"{kind}.create", self.element(), {"motion_id": 7, "meeting_user_id": 999})
        answer.assert_status(400, "meeting_user/999")
        assert answer.body["action_data_error_index"] == 1

    def test_nobody_twice(self, kind: str) -> None:
        self.people(kind, 1)
        self.request(f"{kind}.create", self.element()).assert_status(400, "already")
        self.request(f"{kind}.create", self.element(1), self.element(1)).assert_status(400, "already")
        self.request(f"{kind}.create", self.element(motion_id=8)).assert_status(200)

    def test_nobody_from_elsewhere(self, kind: str) -> None:
        user_id = self.create_user(group_ids=[10])
        self.set_models({"meeting_user/9": {"meeting_id": 1, "user_id": user_id}})
        for member_id in (9, self.member(user_id, 10)):
            element = {"motion_id": 7, "meeting_user_id": member_id}
            self.request(f"{kind}.create", element).assert_status(400, "does not belong to meeting 1")
        inside = self.request(f"{kind}.create", {"motion_id": 7, "meeting_user_id": 9}, internal=True)
        inside.assert_status(200 if kind == "motion_submitter" else 400)

    @pytest.mark.parametrize("internal", [False, True])
    def test_no_participation_of_another_meeting(self, kind: str, internal: bool) -> None:
        user_id = self.create_user(group_ids=[1, 10], oml="superadmin")
        element = {"motion_id": 7, "meeting_user_id": self.member(user_id, 10)}
        answer = self.request(f"{kind}.create", element, internal=internal)
        answer.assert_status(400, "does not belong to meeting 1")

    def test_participation_of_another_meeting_where_the_own_one_is_missing(self, kind: str) -> None:
        user_id = self.create_user(group_ids=[10], meeting_ids=[1])
        element = {"motion_id": 7, "meeting_user_id": self.member(user_id, 10)}
        self.request(f"{kind}.create", element).assert_status(200)

    def test_groups_count_where_the_calculated_field_is_incomplete(self, kind: str) -> None:
        user_id = self.create_user(group_ids=[1])
        self.set_models({f"user/{user_id}": {"meeting_ids": []}})
        element = {"motion_id": 7, "meeting_user_id": self.member(user_id, 1)}
        self.request(f"{kind}.create", element).assert_status(200)

    @pytest.mark.parametrize(("oml", "status"), [("can_manage_users", 400), ("can_manage_organization", 200)])
    def test_managers_of_the_organization_belong_everywhere(self, kind: str, oml: str, status: int) -> None:
        user_id = self.create_user(oml=oml)
        self.set_models({"meeting_user/9": {"meeting_id": 1, "user_id": user_id}})
        self.request(f"{kind}.create", {"motion_id": 7, "meeting_user_id": 9}).assert_status(status)

    def test_member_without_user(self, kind: str) -> None:
        self.set_models({"meeting_user/9": {"meeting_id": 1}})
        element = {"motion_id": 7, "meeting_user_id": 9}
        self.request(f"{kind}.create", element, user=1).assert_status(400, "meeting_user/9")

    def test_delete(self, kind: str) -> None:
        ids = self.people(kind, 1, 2)
        answer = self.request(f"{kind}.delete", {"id": ids[0]}).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_deleted(f"{kind}/{ids[0]}")
        self.assert_model_exists("motion/7", {reverse(kind): [ids[1]]})
        self.assert_model_exists(f"{kind}/{ids[1]}", {"weight": 2})

    def test_sort(self, kind: str) -> None:
        ids = self.people(kind, 1, 2, 3)
        order = [ids[2], ids[0], ids[1]]
        answer = self.request(f"{kind}.sort", {"motion_id": 7, f"{kind}_ids": order}).assert_status(200)
        assert answer.results == [None]
        assert [self.get_model(f"{kind}/{id_}")["weight"] for id_ in order] == [1, 2, 3]

    def test_sort_refuses_incomplete_and_foreign_lists(self, kind: str) -> None:
        ids = self.people(kind, 1, 2)
        self.set_models({f"{kind}/20": {"motion_id": 7, "meeting_id": 10}, f"{kind}/21": {"motion_id": 8}})
        for wrong in (ids[:1], [*ids, 20], [*ids, 21], [*ids, 99], [*ids, ids[0]], []):
            self.request(f"{kind}.sort", {"motion_id": 7, f"{kind}_ids": wrong}).assert_status(400, f"{kind}_ids")
        element = {"motion_id": 99, f"{kind}_ids": []}
        self.request(f"{kind}.sort", element, internal=True).assert_status(400, "motion/99")
        self.request(f"{kind}.sort", *[{"motion_id": 7, f"{kind}_ids": ids}] * 2).assert_status(400)

    def test_update_is_internal(self, kind: str) -> None:
        (id_,) = self.people(kind, 1)
        self.request(f"{kind}.update", {"id": id_, "weight": 4}).assert_status(400)
        self.request(f"{kind}.update", {"id": id_}, internal=True).assert_status(400, "weight")
        answer = self.request(f"{kind}.update", {"id": id_, "weight": 4}, internal=True).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_exists(f"{kind}/{id_}", {"weight": 4})

    @pytest.mark.parametrize("action", ["create", "delete", "sort"])
    def test_permission(self, kind: str, action: str) -> None:
        ids = self.people(kind, 1)
        elements = {
            "create": self.element(1),
            "delete": {"id": ids[0]},
            "sort": {"motion_id": 7, f"{kind}_ids": ids},
        }
        self.assert_needs_permission(f"{kind}.{action}", elements[action], NEEDED)

    def test_submitters_have_no_right_of_their_own(self, kind: str) -> None:
        self.people("motion_submitter", 1)
        user_id = self.get_model(f"meeting_user/{self.member_ids[0]}")["user_id"]
        self.request(f"{kind}.create", self.element(1), user=user_id).assert_status(403)

    def test_history_of_submitters_only(self, kind: str) -> None:
        created = self.request(f"{kind}.create", self.element(0), self.element(1)).assert_status(200)
        self.request(f"{kind}.delete", {"id": created.id}).assert_status(200)
        self.request(f"{kind}.sort", {"motion_id": 7, f"{kind}_ids": [created.id + 1]}).assert_status(200)
        told = [["Submitters changed"]] * 2 if kind == "motion_submitter" else []
        assert self.history_of("motion/7") == told


class TestSupporters(PeopleTest):
    """Who may support a motion, and when."""

    def setup_method(self) -> None:
        super().setup_method()
        self.set_permissions(1, ["motion.can_support"])
        self.users = [self.get_model(f"meeting_user/{id_}")["user_id"] for id_ in self.member_ids]

    def supporter(self, meeting_user_id: int | None = None) -> int:
        """Store a supporter of motion/7: the first participant, unless another one is named."""
        self.set_models({"motion_supporter/5": {"motion_id": 7, "meeting_id": 1, "meeting_user_id": meeting_user_id}})
        self.add_to_lists({"motion/7": {"supporter_ids": [5]}})
        return 5

    def test_own_support(self) -> None:
        answer = self.request("motion_supporter.create", self.element(), user=self.users[0]).assert_status(200)
        assert answer.results == [None]
        ((id_, supporter),) = self.find_models("motion_supporter", motion_id=7).items()
        assert (supporter["meeting_id"], supporter["meeting_user_id"]) == (1, self.member_ids[0])
        self.assert_model_exists("motion/7", {"supporter_ids": [id_], "last_modified": None})
        answer = self.request("motion_supporter.delete", {"id": id_}, user=self.users[0]).assert_status(200)
        assert answer.results == [None]
        self.assert_model_deleted(f"motion_supporter/{id_}")
        assert self.history_of("motion/7") == [["Supporters changed"]] * 2

    def test_support_of_others(self) -> None:
        id_ = self.supporter(self.member_ids[1])
        elements = {"motion_supporter.create": self.element(2), "motion_supporter.delete": {"id": id_}}
        for name, element in elements.items():
            self.request(name, element, user=self.users[0]).assert_status(403, NEEDED)
        self.set_permissions(1, [NEEDED])
        for name, element in elements.items():
            self.request(name, element, user=self.users[0]).assert_status(200)

    def test_own_support_needs_the_permission(self) -> None:
        self.set_permissions(1, ["motion.can_see"])
        self.request("motion_supporter.create", self.element(), user=self.users[0]).assert_status(
            403, "motion.can_support"
        )
        self.request("motion_supporter.create", self.element(), user=0).assert_status(403)
        id_ = self.supporter()
        self.request("motion_supporter.delete", {"id": id_}, user=self.users[0]).assert_status(403, NEEDED)

    def test_what_is_unknown_comes_before_permission(self) -> None:
        user_id = self.create_user()
        for element in (self.element(motion_id=99), {"motion_id": 7, "meeting_user_id": 999}):
            self.request("motion_supporter.create", element, user=user_id).assert_status(400, "does not exist")
        self.request("motion_supporter.delete", {"id": 99}, user=user_id).assert_status(400, "does not exist")

    @pytest.mark.parametrize(
        ("enabled", "forbidden", "status"), [(True, True, 403), (True, False, 200), (False, True, 200)]
    )
    def test_delegators(self, enabled: bool, forbidden: bool, status: int) -> None:
        settings = {"users_enable_vote_delegations": enabled, "users_forbid_delegator_as_supporter": forbidden}
        self.set_models(
            {"meeting/1": settings, f"meeting_user/{self.member_ids[0]}": {"vote_delegated_to_id": self.member_ids[1]}}
        )
        id_ = self.supporter(self.member_ids[0])
        self.request("motion_supporter.create", self.element(0, 8), user=self.users[0]).assert_status(status)
        self.request("motion_supporter.delete", {"id": id_}, user=self.users[0]).assert_status(status)

    def test_delegators_who_manage(self) -> None:
        settings = {"users_enable_vote_delegations": True, "users_forbid_delegator_as_supporter": True}
        self.set_models(
            {"meeting/1": settings, f"meeting_user/{self.member_ids[0]}": {"vote_delegated_to_id": self.member_ids[1]}}
        )
        self.set_permissions(1, [NEEDED])
        self.request("motion_supporter.create", self.element(), user=self.users[0]).assert_status(200)

    @pytest.mark.parametrize(("minimum", "status"), [(0, 400), (None, 200), (1, 200)])
    def test_meetings_without_supporters(self, minimum: int | None, status: int) -> None:
        id_ = self.supporter(self.member_ids[1])
        self.set_models({"meeting/1": {"motions_supporters_min_amount": minimum}})
        self.request("motion_supporter.create", self.element()).assert_status(status)
        self.request("motion_supporter.delete", {"id": id_}).assert_status(status)

    @pytest.mark.parametrize(("allowed", "status"), [(False, 400), (None, 200), (True, 200)])
    def test_states_without_support(self, allowed: bool | None, status: int) -> None:
        id_ = self.supporter(self.member_ids[0])
        self.set_models({"motion_state/1": {"allow_support": allowed}})
        self.request("motion_supporter.create", self.element(0, 8), user=self.users[0]).assert_status(status)
        self.request("motion_supporter.delete", {"id": id_}, user=self.users[0]).assert_status(status)

    def test_managers_support_in_any_state(self) -> None:
        id_ = self.supporter(self.member_ids[1])
        self.set_models({"motion_state/1": {"allow_support": False}})
        self.set_permissions(1, [NEEDED])
        self.request("motion_supporter.create", self.element(), user=self.users[0]).assert_status(200)
        self.request("motion_supporter.delete", {"id": id_}, user=self.users[0]).assert_status(200)

    def test_payload_and_nobody_twice(self) -> None:
        self.request("motion_supporter.create", self.element(weight=1)).assert_status(400)
        self.request("motion_supporter.delete", {}).assert_status(400)
        self.request("motion_supporter.create", self.element(), self.element()).assert_status(400, "already")

    def test_nobody_from_elsewhere(self) -> None:
        element = {"motion_id": 7, "meeting_user_id": self.member(self.create_user(group_ids=[10]), 10)}
        self.request("motion_supporter.create", element).assert_status(400, "does not belong to meeting 1")

    def test_update_is_internal(self) -> None:
        element = {"id": self.supporter(), "meeting_user_id": self.member_ids[0]}
        self.request("motion_supporter.update", element).assert_status(400)
        answer = self.request("motion_supporter.update", element, internal=True).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_exists("motion_supporter/5", {"meeting_user_id": self.member_ids[0]})
        assert self.history_of("motion/7") == []

    def test_budget(self) -> None:
        with self.stack.count_calls() as calls:
            self.request("motion_supporter.create", *(self.element(n) for n in range(3))).assert_status(200)
        calls.assert_at_most(reads=3, reserves=2, writes=1)
