"""The relation from a countdown to the lists of speakers gets another name."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.rename_field(
        "projector_countdown",
        "used_as_list_of_speaker_countdown_meeting_id",
        "used_as_list_of_speakers_countdown_meeting_id",
    )
