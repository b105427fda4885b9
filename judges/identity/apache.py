#!/usr/bin/env python3
"""Debian's Apache with mod_auth_openidc in front of a page: whoever opens it is led to the country and back."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

from country import Browser, Tally, There, register

given = json.loads(sys.argv[1])
MODULE = pathlib.Path("/usr/lib/apache2/modules/mod_auth_openidc.so")
# Debian keeps servers where only root looks for programs.
APACHE = shutil.which("apache2", path=os.environ.get("PATH", "") + ":/usr/sbin")
there, tally = There(given["issuer"]), Tally()
check = tally.check


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


CONFIG = """
ServerRoot {folder}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
LogLevel warn auth_openidc:info
Mutex file:{folder} default
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
LoadModule auth_openidc_module {module}
{user}
DocumentRoot {folder}/pages
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCRedirectURI http://127.0.0.1:{port}/inside/back
OIDCCryptoPassphrase a-passphrase-of-this-run
OIDCPKCEMethod S256
OIDCScope "openid profile"
OIDCIDTokenSignedResponseAlg ES256
OIDCRemoteUserClaim sub
OIDCPassClaimsAs both
OIDCProviderTokenEndpointAuth {auth}
<Location /inside>
  AuthType openid-connect
  Require valid-user
  Header set X-User "%{{OIDC_CLAIM_sub}}e"
  Header set X-Born "%{{OIDC_CLAIM_birthdate}}e"
</Location>
"""


class Apache:
    def __init__(self, folder, port, client, auth="client_secret_basic"):
        self.folder, self.port = pathlib.Path(folder), port
        (self.folder / "pages/inside").mkdir(parents=True, exist_ok=True)
        (self.folder / "pages/inside/index.html").write_text("<p>inside</p>")
        # Apache refuses to work as root; the module's cache needs the folder.
        user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
        if user:
            shutil.chown(self.folder, "www-data", "www-data")
        config = CONFIG.format(folder=self.folder, port=port, module=MODULE, user=user, issuer=given["issuer"], auth=auth, **client)
        (self.folder / "apache.conf").write_text(config)
        os.chmod(self.folder, 0o755)

    def __enter__(self):
        self.process = subprocess.Popen([APACHE, "-f", str(self.folder / "apache.conf"), "-X", "-D", "FOREGROUND"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.1)
        raise RuntimeError("Apache did not start:\n" + self.said())

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)

    def said(self):
        log = self.folder / "error.log"
        return log.read_text()[-3000:] if log.exists() else ""


def main():
    if not MODULE.exists() or not APACHE:
        print("apache2-bin or libapache2-mod-auth-openidc is missing: cargo xtask setup installs them")
        print("0 passed, 1 failed, 0 skipped")
        return
    print(subprocess.run(["dpkg-query", "-W", "apache2-bin", "libapache2-mod-auth-openidc"], capture_output=True, text=True).stdout.strip())
    port = free_port()
    inside = f"http://127.0.0.1:{port}/inside/"
    client = register(there, "Apache", f"http://127.0.0.1:{port}/inside/back", scopes=("profile",))
    with tempfile.TemporaryDirectory(prefix="daftar-apache-") as folder, Apache(folder, port, client) as apache:
        browser = Browser(there)
        browser.be("citizen", "/me")
        browser.get(inside)
        check("/openid/authorization/" in browser.path, f"Apache leads to the question, not {browser.path} ({browser.status}) {apache.said() if browser.status >= 400 else ''}")
        if browser.status >= 400:
            tally.close()
            return
        browser.post(browser.path)
        check(browser.status == 200 and "inside" in browser.text, f"and back inside ({browser.status}) {apache.said() if browser.status != 200 else ''}")
        check(len(browser.headers.get("x-user", "")) == 36, "the page knows her by the sector's token")
        check(browser.headers.get("x-born") == "1991-04-17", f"and what userinfo said: {browser.headers.get('x-born')}")
        browser.get(inside, follow=False)
        check(browser.status == 200, "signed in from then on")
        # Another person's answer in this browser: the state is not hers.
        stranger = Browser(there)
        stranger.be("citizen", "/me")
        stranger.get(inside, follow=f"http://127.0.0.1:{port}/inside/back")
        answer = stranger.path
        victim = Browser(there)
        victim.get(answer)
        check(victim.status != 200 or "inside" not in victim.text, "an answer without its own state cookie is refused")
        bent = urllib.parse.urlsplit(answer)
        query = dict(urllib.parse.parse_qsl(bent.query))
        query["state"] = "other"
        stranger.get(bent._replace(query=urllib.parse.urlencode(query)).geturl())
        check(stranger.status != 200 or "inside" not in stranger.text, "an answer with another state is refused")
        query = dict(urllib.parse.parse_qsl(bent.query))
        query["code"] = "A" * 43
        stranger.get(bent._replace(query=urllib.parse.urlencode(query)).geturl())
        check(stranger.status != 200 or "inside" not in stranger.text, "a made-up code is refused")
    wrong = {**client, "client_secret": "wrong"}
    with tempfile.TemporaryDirectory(prefix="daftar-apache-") as folder, Apache(folder, port, wrong) as apache:
        browser = Browser(there)
        browser.be("citizen", "/me")
        browser.get(inside)
        check(browser.status != 200 or "inside" not in browser.text, "a wrong client secret ends outside")
        check("invalid_client" in apache.said(), "and Apache was told invalid_client")
    tally.close()


main()
