"""Users name only those votes that name them."""

from openslides_backend.migrations.data import Data

_PLACES = (("vote_ids", "user_id"), ("delegated_vote_ids", "delegated_user_id"))


def migrate(data: Data) -> None:
    for name, reverse in _PLACES:
        voters = {vote.id: vote.id_of(reverse) for vote in data.models("vote")}
        for user in data.models("user"):
            user.put_list(name, [id_ for id_ in user.ids(name) if voters.get(id_) == user.id])
