"""A mail server for tests, in a process of its own.

Takes letters and puts each into a folder as NNN.json (sender, recipients) and NNN.eml (as received). Prints its port
once it listens. Behaviour is asked for by the recipient's name: refused@ gets 550, busy@ gets 451 once, and after
lost@ the connection is cut when the letter was handed over completely.
"""

import argparse
import asyncio
import json
import pathlib
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.busy = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("busy@") and address not in self.busy:
            self.busy.add(address)
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        number = len(list(self.folder.glob("*.eml")))
        (self.folder / f"{number:03}.eml").write_bytes(envelope.original_content)
        told = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "encrypted": server.transport.get_extra_info("sslcontext") is not None,
            "user": session.auth_data.login.decode() if session.auth_data else None,
        }
        (self.folder / f"{number:03}.json").write_text(json.dumps(told))
        if any(address.startswith("lost@") for address in envelope.rcpt_tos):
            server.transport.abort()
        return f"250 2.0.0 taken as {number}"


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--direct", action="store_true", help="TLS from the first byte, instead of STARTTLS")
    parser.add_argument("--account", help="user:password that is needed")
    arguments = parser.parse_args()
    tls = None
    if arguments.certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(arguments.certificate, arguments.key)
    user, _, password = (arguments.account or ":").partition(":")

    def authenticate(server, session, envelope, mechanism, data):
        right = data.login.decode() == user and data.password.decode() == password
        return AuthResult(success=right, auth_data=data, handled=False)

    handler = Handler(arguments.folder)

    def protocol():
        return SMTP(
            handler,
            hostname="mail.test",
            tls_context=None if arguments.direct else tls,
            require_starttls=tls is not None and not arguments.direct,
            authenticator=authenticate,
            auth_required=arguments.account is not None,
            # The library knows only the encryption that it has begun itself.
            auth_require_tls=not arguments.direct,
        )

    server = await asyncio.get_running_loop().create_server(
        protocol, "127.0.0.1", arguments.port, ssl=tls if arguments.direct else None
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
