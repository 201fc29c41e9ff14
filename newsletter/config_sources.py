"""Reading newsletter.toml and the environment: name by name as text, each with where it came from.

What is unknown, misspelt, empty or given twice is an error that says so; config.py parses the texts.
"""

import dataclasses
import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from newsletter.errors import ConfigError

PREFIX = "NEWSLETTER_"
Options = Mapping[str, "dataclasses.Field[Any]"]
Texts = dict[str, tuple[str, str]]
"""A setting's name, its text, and where that stands."""


def nearest(name: str, known: list[str]) -> str:
    """A closing half-sentence for an error about an unknown name."""
    match = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f" Did you mean {match[0]}?" if match else ""


def from_toml(path: Path, options: Options) -> Texts:
    """What a newsletter.toml sets. Raises ConfigError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    found = {}
    for key, value in table.items():
        if key.endswith("_file") and is_secret(key.removesuffix("_file"), options):
            found[key.removesuffix("_file")] = (secret_from(str(value), key), f"{path} ({key})")
        elif key not in options:
            raise ConfigError(f"{path}: unknown setting {key}.{nearest(key, list(options))}")
        elif not isinstance(value, str | int | float | bool):
            raise ConfigError(f"{path}: {key} has to be a text, a number, true or false.")
        elif value != "":  # an empty one is not set, as in the environment
            found[key] = (str(value), str(path))
    _refuse_both([(name, f"{name}_file") for name in options if is_secret(name, options)], table, str(path))
    return found


def from_environment(environment: Mapping[str, str], options: Options) -> Texts:
    """What the environment sets, files of secrets included. Raises ConfigError."""
    found = {}
    for name, field in options.items():
        env = field.metadata["env"]
        if environment.get(env):
            found[name] = (environment[env], f"environment {env}")
        elif field.metadata["secret"] and environment.get(f"{env}_FILE"):
            text = secret_from(environment[f"{env}_FILE"], f"{env}_FILE")
            found[name] = (text, f"environment {env}_FILE")
    _refuse_misspelt(environment, options)
    secret = [options[name].metadata["env"] for name in options if is_secret(name, options)]
    _refuse_both([(env, f"{env}_FILE") for env in secret], environment, "the environment")
    return found


def _refuse_both(pairs: Sequence[tuple[str, str]], given: Mapping[str, Any], place: str) -> None:
    """A secret that is given twice: nobody can tell which of the two was meant."""
    for key, file_key in pairs:
        if given.get(key) and given.get(file_key):
            raise ConfigError(f"Both {key} and {file_key} are in {place}.", hint="Keep one of them.")


def _refuse_misspelt(environment: Mapping[str, str], options: Options) -> None:
    # Only what resembles a setting is refused: Kubernetes puts NEWSLETTER_SERVICE_HOST, NEWSLETTER_PORT and the like
    # into the environment of a service called newsletter. The part that all names share says nothing.
    envs = {field.metadata["env"]: field.metadata["secret"] for field in options.values()}
    known = [*envs, *(f"{env}_FILE" for env, secret in envs.items() if secret), "NEWSLETTER_CONFIG"]
    endings = [env.removeprefix(PREFIX) for env in known if env.startswith(PREFIX)]
    for name in environment:
        if not name.startswith(PREFIX) or name in known:
            continue
        if name.removesuffix("_FILE") in envs:
            raise ConfigError(
                f"{name} is no secret and cannot be in a file. Did you mean {name.removesuffix('_FILE')}?"
            )
        match = difflib.get_close_matches(name.removeprefix(PREFIX), endings, n=1, cutoff=0.75)
        if match:
            raise ConfigError(f"Unknown setting {name} in the environment. Did you mean {PREFIX}{match[0]}?")


def is_secret(name: str, options: Options) -> bool:
    """Whether a setting of this name exists and is secret."""
    return name in options and bool(options[name].metadata["secret"])


def secret_from(file: str, named_by: str) -> str:
    """What stands in a file of one secret. Raises ConfigError."""
    try:
        return not_empty(Path(file).read_text(encoding="utf-8").strip(), f"{file}, which {named_by} names,")
    except OSError as error:
        raise ConfigError(f"{named_by} names {file}, which cannot be read: {error.strerror}.") from error
    except ValueError as error:  # not UTF-8, or a NUL in the name
        raise ConfigError(f"{named_by} names {file!r}, which is no text file.") from error


def not_empty(secret: str, where: str) -> str:
    """The secret itself. Raises ConfigError."""
    if not secret:
        raise ConfigError(f"{where} is empty.")
    return secret
