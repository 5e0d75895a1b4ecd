from openslides_backend.embedded.supervisor import stack_services, stack_variables
from openslides_backend.environment import Environment


def variables(**more: str) -> dict[str, str]:
    given = {"OPENSLIDES_DEVELOPMENT": "1", "OPENSLIDES_DATA_FOLDER": "/data", **more}
    return stack_variables(given, Environment.from_mapping(given))


def test_services_meet_each_other_on_this_machine_whatever_is_set() -> None:
    result = variables(
        DATASTORE_READER_HOST="elsewhere", AUTH_PROTOCOL="https", MEDIA_PATH="/other", DATASTORE_READER_PORT="7"
    )
    environment = Environment.from_mapping(result)
    assert environment.datastore_reader_url == "http://127.0.0.1:7/internal/datastore/reader"
    assert environment.auth_url == "http://127.0.0.1:9004"
    assert environment.media_url == "http://127.0.0.1:9006/internal/media"


def test_services_are_met_where_they_listen() -> None:
    assert variables(OPENSLIDES_EMBEDDED_HOST="10.1.2.3")["AUTH_HOST"] == "10.1.2.3"
    assert variables(OPENSLIDES_EMBEDDED_HOST="0.0.0.0")["AUTH_HOST"] == "127.0.0.1"  # noqa: S104 - nothing is bound


def test_variables_of_others_are_passed_on() -> None:
    assert variables(DATASTORE_DATABASE_URL="postgresql://x/y")["DATASTORE_DATABASE_URL"] == "postgresql://x/y"


def test_those_who_ask_are_stopped_before_those_who_are_asked() -> None:
    levels = {service.name: service.level for service in stack_services(Environment.from_mapping(variables()))}
    assert levels == {"datastore": 0, "auth": 1, "media": 1, "vote": 2, "backend": 3}


def test_there_is_a_vote_service_unless_its_host_is_given_and_empty() -> None:
    assert variables(VOTE_HOST="elsewhere", VOTE_PATH="/x")["VOTE_HOST"] == "127.0.0.1"
    environment = Environment.from_mapping(variables(VOTE_PATH="/x"))
    assert environment.vote_url == "http://127.0.0.1:9013/internal/vote"
    without = Environment.from_mapping(variables(VOTE_HOST=""))
    assert without.vote_url is None
    assert "vote" not in {service.name for service in stack_services(without)}
