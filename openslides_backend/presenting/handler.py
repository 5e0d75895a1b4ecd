"""Answers batches of questions (presenters.md, "Shared rules")."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from openslides_backend.presenting.presenter import Presenter
from openslides_backend.services.datastore import DatastoreReader
from openslides_backend.services.permission import PermissionService
from openslides_backend.shared.context import RequestContext
from openslides_backend.shared.exceptions import AuthenticationFailed, BackendError, BadRequest
from openslides_backend.shared.typing import Fields

MAX_QUESTIONS = 20
"""Most questions in a request: each may take some milliseconds, whoever asks (presenters.md, "Shared rules")."""

_KEYS = frozenset({"presenter", "data"})


@dataclass(frozen=True, slots=True)
class Question:
    """One element of a presenter batch; `data` is None where it has none."""

    presenter: type[Presenter]
    data: Fields | None


@contextmanager
def _blaming(index: int) -> Iterator[None]:
    """Errors raised inside are blamed on the question with this index, but for those of who asks."""
    try:
        yield
    except AuthenticationFailed:
        raise
    except BackendError as error:
        error.presenter_error_index = index
        raise


class PresenterHandler:
    """Judges and answers the questions of a request with the presenters of a registry."""

    def __init__(
        self, registry: Mapping[str, type[Presenter]], datastore: DatastoreReader, permission: PermissionService
    ) -> None:
        self._registry = registry
        self._datastore = datastore
        self._permission = permission

    def parse(self, payload: object) -> list[Question]:
        """The questions of a batch.

        Raises BadRequest if it isn't a list of 1 to `MAX_QUESTIONS` unique questions with names that are known.
        """
        if not isinstance(payload, list) or not payload:
            raise BadRequest("A non-empty list of presenters is needed.")
        if len(payload) > MAX_QUESTIONS:
            raise BadRequest(f"At most {MAX_QUESTIONS} presenters can be asked at once.")
        questions: list[Question] = []
        known: set[str] = set()
        for index, element in enumerate(payload):
            with _blaming(index):
                questions.append(self._question(element))
                known.add(json.dumps(element, sort_keys=True))
                if len(known) == index:
                    raise BadRequest("The elements of a presenter batch must be unique.")
        return questions

    def handle(self, questions: Sequence[Question], context: RequestContext) -> list[object]:
        """The answers, one a question, in order.

        Raises BadRequest for data that don't fit, PermissionDenied if the user may not ask; then nothing is answered.
        """
        with context.confirming():
            answers: list[object] = []
            for index, question in enumerate(questions):
                with _blaming(index):
                    answers.append(self._answer(question, context))
            return answers

    def _question(self, element: object) -> Question:
        if not isinstance(element, dict) or not _KEYS.issuperset(element):
            raise BadRequest("Each element must be an object with 'presenter' and, where it takes any, 'data'.")
        name = element.get("presenter")
        presenter = self._registry.get(name) if isinstance(name, str) else None
        if presenter is None:
            raise BadRequest(f"Presenter {json.dumps(name)[:100]} does not exist.")
        if "data" in element and not isinstance(element["data"], dict):
            raise BadRequest(f"The data of {presenter.name} must be an object.")
        return Question(presenter, element.get("data"))

    def _answer(self, question: Question, context: RequestContext) -> object:
        presenter, data = question.presenter, question.data
        if presenter.data is None:
            if data is not None:
                raise BadRequest(f"{presenter.name} takes no data.")
        elif data is None:
            raise BadRequest(f"{presenter.name} needs data.")
        else:
            presenter.data.validate(data)
        with self._permission.begin_check(presenter.name, context.user_id, [] if data is None else [data]) as allowed:
            context.confirm()
            try:
                allowed.result()
            except BackendError as error:
                error.action_data_error_index = None  # a presenter has a single data object, and is no action
                raise
        return presenter(self._datastore, context).present(data or {})
