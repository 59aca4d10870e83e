"""What a call of curl, docker or pip asks for, read from the words that the shell handed over."""

from __future__ import annotations

import re
from collections.abc import Iterable

SCANNER = re.compile(r"trivy|grype|docker scout|anchore/scan|snyk", re.IGNORECASE)
BUILD = re.compile(r"docker (buildx )?build\b")
# a container that is started, and is no scanner's
START = re.compile(rf"docker (container )?run\b(?!.*({SCANNER.pattern}))", re.IGNORECASE)
INSTALL = r"(?:^|-m |sudo )(pip3?|uv pip) (install|sync)\b.*"
INSTALLS_REQUIREMENTS = re.compile(
    INSTALL + r" (-r|--requirement|--requirements) ?\S*requirements\.txt"
)
INSTALLS_PYTEST = re.compile(INSTALL + r"[ \[]pytest\b")
# options of curl that stand alone; of any other, the word behind it may be the value
CURL_ALONE = (
    "--fail --fail-with-body --fail-early --silent --show-error --location --insecure --include "
    "--verbose --compressed --globoff --no-buffer --no-progress-meter --progress-bar --get --head "
    "--retry-all-errors --retry-connrefused --ipv4 --ipv6 --http1.1 --http2 --tlsv1.2"
)
CURL_LETTERS_ALONE = re.compile(r"-[fsSLkivgN#GI46]+")
POSTS = re.compile(r"(-X ?|--request[ =])POST|\s(-d|--data\S*|--json)\b")
FAILS_WHEN_REFUSED = re.compile(r"--fail|\s-[a-zA-Z]*f")
# the same of `docker run`
DOCKER_ALONE = (
    "-d --detach --rm --init --read-only -P --publish-all -i -t -it --privileged --no-healthcheck"
)


class Words(list):
    """The words of one call, its program first. As text: the call in one line."""

    def __str__(self) -> str:
        return " ".join(self)

    def option(self, *flags: str) -> str:
        """What follows the first of these flags, as `--flag value` or `--flag=value`."""
        for place, word in enumerate(self):
            name, equals, value = word.partition("=")
            if name in flags:
                return value if equals else " ".join(self[place + 1 : place + 2])
        return ""

    def addresses(self) -> list[str]:
        """What curl takes for an address: no option, and no option's value."""
        found, is_value = [], False
        for word in self[1:]:
            if word.startswith("-"):
                is_value = word not in CURL_ALONE.split() and not CURL_LETTERS_ALONE.fullmatch(word)
            elif is_value:
                is_value = False
            else:
                found.append(word)
        return found

    def started_image(self) -> str:
        """The first word of a `docker run` that is no option and no option's value."""
        rest = iter(self[self.index("run") + 1 :])
        for word in rest:
            if not word.startswith("-"):
                return word
            if "=" not in word and word not in DOCKER_ALONE.split():
                next(rest, None)
        return ""


def wrong_hook(words: Words, hooks: Iterable[str]) -> tuple[str, str, str] | None:
    """What a call of curl to one of the hooks does not do: what it was, what is expected, where to look.

    A hook is asked by POST and alone, and an answer that refuses fails the step.
    """
    if words[:1] != ["curl"] or not set(hooks) & set(words):
        return None
    call = told = str(words)
    for hook in hooks:
        told = told.replace(hook, "$HOOK")
    others = [word for word in words.addresses() if word not in hooks]
    if not POSTS.search(call):
        return f"They called {told}", "a POST", "`--request POST`"
    if not FAILS_WHEN_REFUSED.search(call):
        look = "curl ends well whatever the status, unless it is told `--fail`"
        return f"They called {told}", "a call that fails when the host refuses", look
    if others:
        got = f"They called {told}; there curl takes {others[0]!r} for an address too"
        look = "the options: `--output` takes the word behind it, `--show-error` takes none"
        return got, "the hook as the only address", look
    return None
