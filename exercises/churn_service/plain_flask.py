"""Flask without the work it does for every request and this service has no use for.

Each class fills a place that Flask documents for it. Views, hooks and error handlers notice nothing.
What each gains is measured in docs/decisions/serving-speed.md.
"""

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import msgspec
from flask import Flask, Request, Response
from flask.ctx import RequestContext
from flask.globals import request_ctx
from flask.json.provider import DefaultJSONProvider
from flask.sessions import SessionInterface
from flask.signals import request_finished, request_started, request_tearing_down
from werkzeug.routing import MapAdapter, Rule

JSON = "application/json"
LENGTH = re.compile(r"[0-9]{1,9}")


class PlainRequest(Request):
    """A request whose body and media type are read without a detour."""

    @property
    def mimetype(self) -> str:
        """The media type of the body in lower case, without parameters; "" without a header."""
        return JSON if self.environ.get("CONTENT_TYPE") == JSON else super().mimetype

    @cached_property
    def content_length(self) -> int | None:
        """The announced length of the body; None when it comes in chunks or has none."""
        announced = self.environ.get("CONTENT_LENGTH") or ""
        if LENGTH.fullmatch(announced) and "HTTP_TRANSFER_ENCODING" not in self.environ:
            return int(announced)
        return super().content_length

    def get_data(self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False):
        """Return the body: in one read when its length was announced and lies within the limit."""
        if "_cached_data" not in self.__dict__ and cache and not parse_form_data:
            announced, limit = self.content_length, self.max_content_length
            if announced and limit and announced <= limit:
                self._cached_data = self.environ["wsgi.input"].read(announced)
        return super().get_data(cache, as_text, parse_form_data)


class PlainResponse(Response):
    """A response whose body is complete in memory: the server gets it in one piece."""

    def get_wsgi_headers(self, environ: dict):
        """Return the headers as they are when nothing has to be added or taken away."""
        if self.status_code == 200 and "Content-Length" in self.headers:
            return self.headers
        return super().get_wsgi_headers(environ)

    def get_app_iter(self, environ: dict):
        """Return the body as a list: granian sends one at once, and asks an iterator piece by piece."""
        if self.status_code != 200 or environ["REQUEST_METHOD"] == "HEAD" or not self.is_sequence:
            return super().get_app_iter(environ)
        self.close()
        return list(self.iter_encoded())


class PlainJson(DefaultJSONProvider):
    """The JSON of answers, written by msgspec, in the order in which a view gives the members."""

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a response with its arguments as JSON."""
        content = msgspec.json.encode(self._prepare_response_obj(args, kwargs))
        return self._app.response_class(content, content_type=self.mimetype)


class NoSession(SessionInterface):
    """Keeps nothing between the requests of a caller, and sets no cookie."""

    def open_session(self, app: Flask, request: Request) -> dict:
        """Return an empty session."""
        return {}

    def is_null_session(self, obj: object) -> bool:
        """Every session is one that need not be saved."""
        return True


class PlainContext(RequestContext):
    """The context of a request, which knows the fixed paths of the app by heart."""

    def match_request(self) -> None:
        """Find the rule of the request; what no rule says word for word is left to Flask."""
        asked = self.request
        rule = self.app.fixed_rules.get((asked.method, asked.path))
        if rule is None:
            super().match_request()
        else:
            asked.url_rule, asked.view_args = rule, {}


class PlainFlask(Flask):
    """A Flask app with the classes above."""

    request_class = PlainRequest
    response_class = PlainResponse
    json_provider_class = PlainJson
    session_interface = NoSession()

    @cached_property
    def fixed_rules(self) -> dict[tuple[str, str], Rule]:
        """The rules without a variable part, by method and path. Asked for first by a request."""
        rules = [rule for rule in self.url_map.iter_rules() if not rule.arguments]
        return {(method, rule.rule): rule for rule in rules for method in rule.methods}

    def request_context(self, environ: dict) -> PlainContext:
        """Return the context of a request."""
        return PlainContext(self, environ)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Match by path and method alone: no rule names a host, and no view builds a URL."""
        if request is None:
            return super().create_url_adapter(None)
        return MapAdapter(self.url_map, "", "/", "", "http", request.path, request.method)

    def full_dispatch_request(self) -> Response:
        """Call the hooks and the view as Flask does; without async functions and sessions."""
        if self.blueprints:
            return super().full_dispatch_request()
        request_started.send(self)
        try:
            answer = self.answer_of_first(self.before_request_funcs.get(None, ()))
        except Exception as error:
            answer = self.handle_user_exception(error)
        response = self.make_response(answer)
        for hook in request_ctx._after_request_functions:
            response = hook(response)
        for hook in reversed(self.after_request_funcs.get(None, ())):
            response = hook(response)
        request_finished.send(self, response=response)
        return response

    def answer_of_first(self, hooks: Sequence[Callable]) -> object:
        """Return the answer of the first hook that has one, else that of the view."""
        for hook in hooks:
            if (answer := hook()) is not None:
                return answer
        return self.dispatch_request()

    def do_teardown_request(self, *error: BaseException | None) -> None:
        """Call what is to be called at the end of a request, if anything is."""
        if self.teardown_request_funcs or request_tearing_down.receivers:
            super().do_teardown_request(*error)

    def ensure_sync(self, func: Callable) -> Callable:
        """Return the function: none here is a coroutine."""
        return func
