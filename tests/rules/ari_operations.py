"""Writes `asterisk_router/doors/ari/operations/` from the API descriptions Asterisk ships: 22.10, compared with 16.28.

`make operations` writes the files anew from the testbeds; a live test holds them current.
"""

from __future__ import annotations

import json
import keyword
import re
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

OPERATIONS = Path(__file__).parents[2] / "asterisk_router" / "doors" / "ari" / "operations"
DESCRIPTIONS = "usr/share/asterisk/rest-api"
WIDTH = 120


class Kind(NamedTuple):
    """A kind of thing that has an ID, and so a class of its own."""

    name: str
    """Name of its model."""
    path: str
    """The path of one of them."""
    key: str
    """The field of the model its ID is in; two of them for one that has two."""


KINDS: dict[str, list[Kind]] = {
    "applications": [Kind("Application", "/applications/{applicationName}", "name")],
    "asterisk": [],
    "bridges": [Kind("Bridge", "/bridges/{bridgeId}", "id")],
    "channels": [Kind("Channel", "/channels/{channelId}", "id")],
    "deviceStates": [Kind("DeviceState", "/deviceStates/{deviceName}", "name")],
    "endpoints": [Kind("Endpoint", "/endpoints/{tech}/{resource}", "technology resource")],
    "events": [],
    "mailboxes": [Kind("Mailbox", "/mailboxes/{mailboxName}", "name")],
    "playbacks": [Kind("Playback", "/playbacks/{playbackId}", "id")],
    "recordings": [
        Kind("StoredRecording", "/recordings/stored/{recordingName}", "name"),
        Kind("LiveRecording", "/recordings/live/{recordingName}", "name"),
    ],
    "sounds": [Kind("Sound", "/sounds/{soundId}", "id")],
}
"""Every description, with the kinds of things it has; `deviceStates` is written to `device_states.py`, and so on."""

HOME = {kind.name: file_name for file_name, kinds in KINDS.items() for kind in kinds}
PLAIN = {"string": "str", "int": "int", "long": "int", "double": "float", "boolean": "bool", "Date": "str"}


def described(root: Path) -> dict[str, Any]:
    """The API descriptions of the Asterisk in a testbed: name -> description."""
    return {name: json.loads((root / DESCRIPTIONS / f"{name}.json").read_text()) for name in KINDS}


def written(reference: dict[str, Any], oldest: dict[str, Any]) -> dict[str, str]:
    """The text of every file, by its name."""
    known = {
        (operation["httpMethod"], api["path"]): {parameter["name"] for parameter in operation.get("parameters", ())}
        for description in oldest.values()
        for api in description["apis"]
        for operation in api["operations"]
    }
    files = {}
    for name, description in reference.items():
        for file_name, text in _Module(name, description, known).files().items():
            files[file_name] = text
    return files


def snake(name: str) -> str:
    """`deviceStates` -> `device_states`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


class _Module:
    """One description, as Python."""

    def __init__(self, name: str, description: dict[str, Any], known: dict[tuple[str, str], set[str]]) -> None:
        self.name, self.kinds, self.known = name, KINDS[name], known
        self.models = description["models"]
        self.operations = [
            (api["path"], operation)
            for api in description["apis"]
            for operation in api["operations"]
            if not operation.get("upgrade")
        ]

    def files(self) -> dict[str, str]:
        """One file for the collection and one for each kind."""
        files = {f"{snake(self.name)}.py": self._file(self._collection())}
        for kind in self.kinds:
            files[f"{snake(kind.name)}.py"] = self._file(self._item(kind), kind.name)
        return files

    def _file(self, body: str, own: str = "") -> str:
        used = sorted(name for name in HOME if name != own and re.search(rf"\b{name}\b(?!\.)", _code(body)))
        wanted = []
        if "Mapping[" in body or "Sequence[" in body:
            names = [name for name in ("Mapping", "Sequence") if f"{name}[" in body]
            wanted.append(f"from collections.abc import {', '.join(names)}")
        if re.search(r"\bAny\b", _code(body)):
            wanted.append("from typing import Any")
        if "builtins." in body:
            wanted.insert(0, "import builtins")
        ours = [f"from .{snake(name)} import {name}" for name in used]
        if "part(" in body:
            ours.insert(0, "from ....wire.ari_rest import part")
        named = [name for name in ("Collection", "Item", "chosen") if re.search(rf"\({name}\):|= {name}\(", body)]
        ours.insert(0 if "part(" not in body else 1, f"from ..objects import {', '.join(named)}")
        head = f'"""{self._title(own)}; generated from its description of the API."""\n\n# fmt: off\n'
        imports = "\n".join(["from __future__ import annotations", "", *wanted, *([""] if wanted else []), *ours])
        return f"{head}{imports}\n\n\n{body}"

    def _title(self, own: str) -> str:
        return f"What Asterisk 22.10 can do with {own or self.name}"

    def _collection(self) -> str:
        name = self.name[0].upper() + self.name[1:]
        text = f'class {name}(Collection):\n    """Operations of `/{self.name}`."""\n'
        for path, operation in self.operations:
            if self._kind_of(path, operation) is None:
                text += "\n" + self._method(path, operation, None)
        return text

    def _item(self, kind: Kind) -> str:
        prefix = kind.path.partition("{")[0].rstrip("/")
        model = self.models[kind.name]
        text = f"class {kind.name}(Item):\n{_docstring(_sentence(model.get('description') or kind.name), 4)}\n"
        text += f'    _HOME = "{prefix}"\n    _KEYS = {tuple(kind.key.split())!r}\n'.replace("'", '"')
        for field, said in model["properties"].items():
            text += "\n" + self._property(field, said)
        for path, operation in self.operations:
            makes = path == kind.path and operation["nickname"].endswith("WithId")
            if path.startswith(kind.path) and not makes:
                text += "\n" + self._method(path, operation, kind)
        return text

    def _kind_of(self, path: str, operation: dict[str, Any]) -> Kind | None:
        """The kind an operation belongs to; what gives one of them, or makes one, belongs to the collection as well."""
        for kind in self.kinds:
            if path == kind.path and operation["responseClass"] == kind.name:
                return None
            if path.startswith(kind.path) and not (path == kind.path and operation["httpMethod"] == "PUT"):
                return kind
        return None

    def _property(self, field: str, said: dict[str, Any]) -> str:
        kind = _data_type(said["type"])
        if not said.get("required"):
            kind += " | None"
        read = f'self._said("{field}")' if said.get("required") else f'self.json.get("{field}")'
        doc = _sentence(said.get("description") or f"Its {field.replace('_', ' ')}.")
        head = f"    @property\n    def {field}(self) -> {kind}:\n"
        result = f"        value: {kind} = {read}\n        return value\n"
        return head + _docstring(doc, 8) + result

    def _method(self, path: str, operation: dict[str, Any], kind: Kind | None) -> str:
        parameters = operation.get("parameters", [])
        own = set(re.findall(r"\{(\w+)\}", kind.path)) if kind else set()
        given = [parameter for parameter in parameters if parameter["name"] not in own]
        required = [p for p in given if p["paramType"] == "path" or p.get("required")]
        optional = [p for p in given if p not in required]
        words = ["self", *(f"{_name(p)}: {_type(p)}" for p in required)]
        words += ["*"] * bool(optional) + [f"{_name(p)}: {_type(p)} | None = None" for p in optional]
        returned = self._returned(operation["responseClass"])
        text = _wrapped(f"    async def {operation['nickname']}(", words, f") -> {returned}:")
        text += _docstring(self._said_of(path, operation), 8)
        return text + self._body(path, operation, kind, given, operation["responseClass"])

    def _said_of(self, path: str, operation: dict[str, Any]) -> str:
        said = _sentence(operation["summary"])
        before = self.known.get((operation["httpMethod"], path))
        if before is None:
            said += f" Since {', '.join('.'.join(since.split('.')[:2]) for since in operation['since'])}; not in 16.28."
        else:
            new = [f"`{p['name']}`" for p in operation.get("parameters", ()) if p["name"] not in before]
            said += f" Not in 16.28: {', '.join(new)}." if new else ""
        codes = sorted({str(error["code"]) for error in operation.get("errorResponses", ())})
        return f"{said} Raises AriError: {', '.join(codes)}." if codes else said

    def _returned(self, response: str) -> str:
        many = re.fullmatch(r"List\[(\w+)\]", response)
        if many:
            return f"builtins.list[{many[1] if many[1] in HOME else 'dict[str, Any]'}]"
        if response in HOME:
            return response
        return {"void": "None", "binary": "bytes"}.get(response, "dict[str, Any]")

    def _body(
        self, path: str, operation: dict[str, Any], kind: Kind | None, given: list[dict[str, Any]], response: str
    ) -> str:
        below = path.removeprefix(kind.path) if kind else path
        where = re.sub(r"\{(\w+)\}", r"{part(\1)}", below)
        quoted = f'f"{where}"' if "{" in where else f'"{where}"'
        text = f"        path = {quoted}\n" if len(where) > 60 else ""
        words = [f'"{operation["httpMethod"]}"', "path" if text else quoted]
        query = [f'"{p["name"]}": {_name(p)}' for p in given if p["paramType"] == "query"]
        text += _wrapped("        query = chosen({", query, "})") if query else ""
        body = next((p for p in given if p["paramType"] == "body"), None)
        words += ["query"] if query else ["None"] if body else []
        if body and body["dataType"] == "object":
            words.append(_name(body))
        elif body:
            chosen = "" if body.get("required") else f" if {_name(body)} else None"
            text += f'        said = {{"{body["name"]}": {_name(body)}}}{chosen}\n'
            words.append("said")
        asked = f"self._ask({', '.join(words)})"
        if response == "binary":
            return f"{text}        return await {asked.replace('_ask', '_fetch')}\n"
        if response == "void":
            return f"{text}        await {asked}\n"
        many = re.fullmatch(r"List\[(\w+)\]", response)
        if many and many[1] in HOME:
            return f"{text}        return [{many[1]}.of(self._client, one) for one in await {asked}]\n"
        if response in HOME:
            return f"{text}        return {response}.of(self._client, await {asked})\n"
        return f"{text}        answer: {self._returned(response)} = await {asked}\n        return answer\n"


def _name(parameter: dict[str, Any]) -> str:
    name: str = parameter["name"]
    return f"{name}_" if keyword.iskeyword(name) else name


def _type(parameter: dict[str, Any]) -> str:
    if parameter["paramType"] == "body":
        return "Sequence[Mapping[str, Any]]" if parameter["name"] == "fields" else "Mapping[str, Any]"
    kind = PLAIN[parameter["dataType"]]
    return f"{kind} | Sequence[{kind}]" if parameter.get("allowMultiple") else kind


def _data_type(kind: str) -> str:
    many = re.fullmatch(r"List\[(\w+)\]", kind)
    if many:
        return f"builtins.list[{_data_type(many[1])}]"
    return PLAIN.get(kind, "Any" if kind in ("object", "containers") else "dict[str, Any]")


def _sentence(said: str) -> str:
    """One line of plain words with its full stop; nothing in it ends a docstring."""
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", said)).replace("\\", "/").replace('"', "'").strip()
    plain = plain[:1].upper() + plain[1:]
    return plain if plain.endswith(".") else plain + "."


def _docstring(said: str, indent: int) -> str:
    pad = " " * indent
    if len(said) + indent + 6 <= WIDTH:
        return f'{pad}"""{said}"""\n'
    lines = textwrap.wrap(said, WIDTH - indent, initial_indent='"""')
    return "".join(f"{pad}{line}\n" for line in lines) + f'{pad}"""\n'


def _wrapped(head: str, words: list[str], tail: str) -> str:
    """`head` + words + `tail` on one line, or the words on lines of their own as far as they fit."""
    line = f"{head}{', '.join(words)}{tail}"
    if len(line) <= WIDTH:
        return line + "\n"
    pad = " " * (len(head) - len(head.lstrip()) + 4)
    return f"{head}\n" + "".join(f"{pad}{line}\n" for line in _packed(words, pad)) + pad[4:] + tail + "\n"


def _packed(words: list[str], pad: str) -> list[str]:
    """The words in as few lines as they fit, none of them broken in two."""
    packed, line = [], ""
    for word in words:
        if line and len(pad) + len(line) + len(word) + 2 > WIDTH:
            packed.append(line)
            line = ""
        line += f" {word}," if line else f"{word},"
    return [*packed, line]


def _code(text: str) -> str:
    """Without docstrings."""
    return re.sub(r'""".*?"""', "", text, flags=re.S)


if __name__ == "__main__":
    from tests.live.asterisk_testbed import OLDEST, REFERENCE, testbed

    for path in OPERATIONS.glob("*.py"):
        path.unlink()
    (OPERATIONS / "__init__.py").write_text(
        '"""What can be done, generated from the API description Asterisk ships: one file for a class."""\n'
    )
    for file_name, text in written(described(testbed(REFERENCE)), described(testbed(OLDEST))).items():
        (OPERATIONS / file_name).write_text(text)
        print(f"asterisk_router/doors/ari/operations/{file_name}")
