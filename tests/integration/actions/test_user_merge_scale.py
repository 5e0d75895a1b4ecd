"""Merging many accounts in many meetings: as many calls to the datastore as for few."""

from dev.merge_data import MergeData, Place
from tests.integration.base import IntegrationTest
from tests.integration.listening import listening_for
from tests.integration.stack import Calls


class TestScale(IntegrationTest):
    """Accounts that take part everywhere."""

    def prepared(self, accounts: int, meetings: int) -> MergeData:
        """So many accounts in an empty datastore."""
        super().setup_method()
        places = [Place(base, 60, base + 2, base) for base in range(1, 4 * meetings, 4)]
        for place in places:
            self.create_meeting(place.meeting_id, committee_id=60)
        data = MergeData(places, accounts)
        self.stack.write(*data.events())
        return data

    def merge(self, *elements: list[int]) -> Calls:
        """Merge accounts into the first one of each list."""
        with self.stack.count_calls() as calls:
            self.request(
                "user.merge_together", *({"id": first, "user_ids": others} for first, *others in elements)
            ).assert_status(200)
        return calls

    def test_calls_do_not_grow_with_accounts_and_meetings(self) -> None:
        few = self.merge(self.prepared(4, 4).user_ids)
        data = self.prepared(20, 30)
        many = self.merge(data.user_ids)
        assert many.reads == few.reads
        many.assert_at_most(reads=20, reserves=2, writes=1)
        assert len(self.find_models("meeting_user", user_id=data.user_ids[0])) == 30
        assert len(self.find_models("meeting_user")) == 60
        assert len(self.find_models("vote", user_id=data.user_ids[0])) == 30

    def test_polls_are_read_for_those_only_who_may_merge(self) -> None:
        """They may tell of a thousand people each."""
        users = [self.create_user() for _ in range(2)]
        element = {"id": users[0], "user_ids": users[1:]}
        for user, reads in ((0, 0), (users[0], 0), (1, 1)):
            with listening_for(self.stack, '"entitled_users_at_stop"') as polls:
                self.request("user.merge_together", element, user=user).assert_status(200 if reads else 403)
            assert polls.count == reads

    def test_who_has_nothing_to_merge_costs_little(self) -> None:
        users = [self.create_user() for _ in range(20)]
        self.merge(users).assert_at_most(reads=8, reserves=1, writes=1)
