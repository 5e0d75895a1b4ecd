"""Ends sessions once the change that demands it is written (engine.md, "One batch", 4)."""

from openslides_backend.engine.run import Run


class _Ended(set[int]):
    """Users whose sessions the batch ends."""


def end_sessions(run: Run, user_id: int) -> None:
    """Log a user out everywhere after the commit; once a batch, however often it is asked for."""
    ended = run.state(_Ended)
    if user_id > 0 and user_id not in ended:
        ended.add(user_id)
        run.after_commit.append(lambda: run.services.auth.clear_sessions_by_user_id(user_id))
