"""Access tokens of an OAuth 2.1 authorization server, against the real program and a small issuer."""

import base64
import http.server
import json
import pathlib
import subprocess
import threading
import time

import support

SCAN = "/v1/guard/scan"
METADATA = "/.well-known/oauth-protected-resource"
TEXT = {"text": "Good morning, how are you?"}
PATIENCE_S = 10 * support.SLOWDOWN


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True,
                          timeout=60).stdout


class SigningKey:
    """An RSA key in a file, its JWK, and RS256 signatures by the openssl program."""

    def __init__(self, folder: str, name: str) -> None:
        self.name = name
        self.path = str(pathlib.Path(folder) / f"{name}.pem")
        openssl("genrsa", "-out", self.path, "2048")

    def jwk(self) -> dict:
        modulus = openssl("rsa", "-in", self.path, "-noout", "-modulus").decode().strip()
        number = bytes.fromhex(modulus.removeprefix("Modulus="))
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.name,
                "n": base64url(number), "e": "AQAB"}

    def token(self, claims: dict, **header) -> str:
        head = {"alg": "RS256", "typ": "at+jwt", "kid": self.name, **header}
        parts = [base64url(json.dumps(part).encode()) for part in (head, claims)]
        signed = ".".join(parts)
        signature = openssl("dgst", "-sha256", "-sign", self.path, stdin=signed.encode())
        return f"{signed}.{base64url(signature)}"


class Issuer:
    """Metadata and signing keys over HTTP; `keys` may change while it runs."""

    def __init__(self, keys: list[SigningKey], port: int = 0) -> None:
        self.keys = keys
        self.asked: list[str] = []
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802 (the library's name)
                issuer.asked.append(self.path)
                body = issuer.document(self.path)
                self.send_response(200 if body else 404)
                self.end_headers()
                if body:
                    self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def document(self, path: str) -> dict | None:
        if path == "/.well-known/oauth-authorization-server":
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        return {"keys": [key.jwk() for key in self.keys]} if path == "/keys" else None

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class OauthTest(support.SystemTest):
    audience = "https://credence.example/mcp"

    def setUp(self) -> None:
        self.key = SigningKey(self.folder(), "first")
        self.issuer = Issuer([self.key])
        self.addCleanup(lambda: self.issuer.close())

    def serve_oauth(self, **options) -> support.Server:
        settings = {"issuer": self.issuer.url, "audience": self.audience, "min_refresh_ms": 200,
                    **options}
        arguments = [part for name, value in settings.items()
                     for part in ("--set", f"oauth.{name}={value}")]
        return self.serve(*arguments)

    def claims(self, **changes) -> dict:
        now = int(time.time())
        claims = {"iss": self.issuer.url, "aud": self.audience, "sub": "ada", "iat": now,
                  "exp": now + 600, "scope": "guard:read system:read"}
        return {**claims, **changes}

    def scan(self, server: support.Server, token: str) -> support.Reply:
        return server.post(SCAN, TEXT, headers={"Authorization": f"Bearer {token}"})

    def scan_when(self, server: support.Server, token: str, status: int) -> support.Reply:
        """The first reply of that status; the signing keys are fetched in the background."""
        deadline = time.monotonic() + PATIENCE_S
        reply = self.scan(server, token)
        while reply.status != status and time.monotonic() < deadline:
            reply = self.scan(server, token)
        self.assertEqual(reply.status, status, reply.body)
        return reply

    def test_metadata_says_whose_tokens_are_accepted(self):
        server = self.serve_oauth()
        for path in (METADATA, f"{METADATA}/mcp"):
            reply = server.get(path)
            self.assertEqual((reply.status, reply.headers["content-type"]),
                             (200, "application/json"))
            document = reply.json()
            self.assertEqual(document["resource"], self.audience)
            self.assertEqual(document["authorization_servers"], [self.issuer.url])
            self.assertEqual(document["bearer_methods_supported"], ["header"])
            self.assertIn("guard:read", document["scopes_supported"])
            self.assertEqual(document["scopes_supported"], sorted(document["scopes_supported"]))

    def test_without_oauth_there_is_no_metadata(self):
        server = self.serve()
        for path in (METADATA, f"{METADATA}/mcp"):
            self.assertEqual(server.get(path).status, 404)

    def test_a_caller_without_token_is_told_where_to_get_one(self):
        server = self.serve_oauth()
        where = f'resource_metadata="https://credence.example{METADATA}/mcp"'
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        for reply in (server.post(SCAN, TEXT), server.post("/mcp", ping)):
            self.assertEqual(reply.status, 401)
            self.assertEqual(reply.headers["www-authenticate"], f"Bearer {where}")
        self.assertEqual(server.get("/health/ready").status, 200)

    def test_a_token_does_what_its_scopes_say(self):
        server = self.serve_oauth()
        token = self.key.token(self.claims())
        self.assertEqual(self.scan_when(server, token, 200).json()["verdict"], "allow")
        bearer = {"Authorization": f"Bearer {token}"}
        refused = server.post("/v1/namespaces", {"name": "mine"}, headers=bearer)
        self.assert_problem(refused, 403, "forbidden")
        self.assertIn('error="insufficient_scope", scope="namespaces:write"',
                      refused.headers["www-authenticate"])
        scrape = server.get("/metrics", headers=bearer).body.decode()
        self.assertIn('credence_oauth_jwks_refreshes_total{outcome="ok"} 1', scrape)
        self.assertRegex(scrape, r"credence_oauth_jwks_age_seconds \d+\n")

    def test_tools_are_those_of_the_scopes(self):
        server = self.serve_oauth()
        token = self.key.token(self.claims(scope="guard:read"))
        self.scan_when(server, token, 200)
        headers = {"Authorization": f"Bearer {token}", "MCP-Protocol-Version": "2025-06-18",
                   "Accept": "application/json, text/event-stream"}
        listed = server.post("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
                             headers=headers)
        self.assertEqual(listed.status, 200, listed.body)
        names = {tool["name"] for tool in listed.json()["result"]["tools"]}
        self.assertIn("guard_scan", names)
        self.assertFalse([name for name in names if name.startswith(("keys_", "tenants_"))], names)

    def test_the_audit_trail_names_the_subject(self):
        server = self.serve_oauth()
        token = self.key.token(self.claims(scope="namespaces:write audit:read"))
        self.scan_when(server, token, 403)
        bearer = {"Authorization": f"Bearer {token}"}
        self.assertEqual(server.post("/v1/namespaces", {"name": "mine"}, headers=bearer).status,
                         200)
        entries = server.get("/v1/audit?operation=namespaces.create", headers=bearer).json()
        self.assertEqual([entry["actor"] for entry in entries["entries"]], ["oauth:ada"])

    def test_each_wrong_token_is_refused_by_name(self):
        server = self.serve_oauth()
        self.scan_when(server, self.key.token(self.claims()), 200)
        stranger = SigningKey(self.folder(), "first")
        now = int(time.time())
        unsigned = self.key.token(self.claims(), alg="none").rsplit(".", 1)[0] + "."
        cases = {
            self.key.token(self.claims(aud="https://other.example")): "is for another audience",
            self.key.token(self.claims(iss="https://evil.example")): "comes from another issuer",
            self.key.token(self.claims(exp=now - 61)): "has expired",
            self.key.token(self.claims(nbf=now + 300)): "is not valid yet",
            self.key.token(self.claims(), typ="id+jwt"): "is not of the type at+jwt or JWT",
            stranger.token(self.claims()): "has a wrong signature",
            unsigned: "is signed by an algorithm that is not accepted",
            self.key.token(self.claims(), kid="other"): "is signed with an unknown key",
            "a.b.c": "is malformed",
        }
        for token, why in cases.items():
            reply = self.scan(server, token)
            self.assert_problem(reply, 401, "unauthenticated")
            challenge = reply.headers["www-authenticate"]
            self.assertTrue(challenge.startswith('Bearer error="invalid_token", '), challenge)
            self.assertIn(f'error_description="the access token {why}"', challenge)

    def test_a_rotated_key_is_found_and_the_old_one_forgotten(self):
        server = self.serve_oauth()
        before = self.key.token(self.claims())
        self.scan_when(server, before, 200)
        second = SigningKey(self.folder(), "second")
        self.issuer.keys = [second]
        self.scan_when(server, second.token(self.claims()), 200)
        self.assertEqual(self.scan(server, before).status, 401)

    def test_a_silent_issuer_stops_tokens_but_neither_keys_nor_readiness(self):
        port = self.issuer.server.server_port
        self.issuer.close()
        server = self.serve_oauth()
        token = self.key.token(self.claims())
        refused = self.scan(server, token)
        self.assertEqual((refused.status, refused.json()["code"]), (503, "unavailable"))
        self.assertEqual(refused.headers["retry-after"], "1")
        self.assertEqual(server.get("/health/ready").status, 200)
        made = support.run_credence("keys", "create", "--name", "ci", "--scopes", "guard:read",
                                    "--data", server.data, "--json")
        self.assertEqual(made.status, 0, made.err)
        self.scan_when(server, made.json()["key"], 200)
        self.issuer = Issuer([self.key], port)
        self.scan_when(server, token, 200)

    def test_bad_settings_stop_the_start(self):
        cases = {"oauth.issuer": ("http://id.example", self.audience),
                 "oauth.audience": (self.issuer.url, "not a url")}
        for field, (issuer, audience) in cases.items():
            done = support.run_credence(
                "serve", "--data", self.folder(), "--listen", "127.0.0.1:0",
                "--set", f"oauth.issuer={issuer}", "--set", f"oauth.audience={audience}")
            self.assertNotEqual(done.status, 0)
            self.assertIn(field, done.err)
            self.assertIn("https://", done.err)

    def test_beyond_loopback_tokens_are_keys_enough(self):
        server = self.serve("--set", f"oauth.issuer={self.issuer.url}",
                            "--set", f"oauth.audience={self.audience}", listen="0.0.0.0:0")
        self.assertEqual(server.post(SCAN, TEXT).status, 401)
        self.scan_when(server, self.key.token(self.claims()), 200)
