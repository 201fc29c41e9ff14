"""A name server on loopback that knows what it was told, and can fall silent."""

import socketserver
import threading
from types import TracebackType
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer(socketserver.ThreadingUDPServer):
    """`with NameServer() as names:` listens at `names.address`; `names.tell("example.org", "TXT", '"v=spf1 -all"')`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Question)
        self.address = f"127.0.0.1:{self.server_address[1]}"
        self.records: dict[tuple[str, str], list[str]] = {}
        self.silent = False

    def tell(self, name: str, kind: str, *values: str) -> None:
        """Replace what is known of a name; without values it is forgotten."""
        self.records[name.lower(), kind] = list(values)

    def __enter__(self) -> "NameServer":
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.shutdown()
        self.server_close()


class _Question(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        if server.silent:
            return
        data, sock = self.request
        asked = dns.message.from_wire(data)
        question = asked.question[0]
        name, kind = question.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.AA | dns.flags.RA
        values = server.records.get((name, kind), [])
        if values:
            answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, values))
        elif not any(known == name and there for (known, _), there in server.records.items()):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        sock.sendto(answer.to_wire(), self.client_address)
