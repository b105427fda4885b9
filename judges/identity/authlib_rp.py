#!/usr/bin/env python3
"""PyPI Authlib as a relying party: code with PKCE, ID token, userinfo, refresh, revocation, and private_key_jwt."""

import json
import sys


import authlib
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.common.security import generate_token
from authlib.oidc.core import CodeIDToken
from joserfc.jwk import ECKey

from country import Browser, Tally, There, register

given = json.loads(sys.argv[1])
there, tally = There(given["issuer"]), Tally()
check = tally.check
BACK = "http://127.0.0.1:9/authlib"


def refuses(what, work):
    try:
        work()
    except Exception as error:  # whatever a library's refusal is called
        print(f"   refused: {what}: {type(error).__name__}: {error}")
        check(True, what)
    else:
        check(False, f"{what} was taken")


class There:
    """The country that runs already."""

    url = given["issuer"]


def sign_in(session, about, **more):
    """The person's way through the country, by plain HTTP; gives the verifier and the address she is sent back to."""
    verifier = generate_token(64)
    url, state = session.create_authorization_url(about["authorization_endpoint"], code_verifier=verifier, **more)
    browser = Browser(there)
    browser.be("citizen", "/me")
    browser.get(url, follow=BACK)
    if not browser.path.startswith(BACK):
        browser.consent(BACK)
    return verifier, state, browser.path


def main():
    print(f"Authlib {authlib.__version__}")
    client = register(there, "Authlib", BACK, refresh="on")
    session = OAuth2Session(client["client_id"], client["client_secret"], scope="openid profile email offline_access",
                            redirect_uri=BACK, code_challenge_method="S256", token_endpoint_auth_method="client_secret_post")
    about = session.get(given["issuer"] + "/.well-known/openid-configuration", withhold_token=True).json()
    keys = JsonWebKey.import_key_set(session.get(about["jwks_uri"], withhold_token=True).json())
    nonce = generate_token()
    verifier, state, back = sign_in(session, about, nonce=nonce, prompt="consent")
    token = session.fetch_token(about["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)
    rules = {"iss": {"value": given["issuer"]}, "aud": {"value": client["client_id"]}}

    def claims_of(text, rules=rules, nonce=nonce):
        claims = jwt.decode(text, keys, claims_cls=CodeIDToken, claims_options=rules,
                            claims_params={"nonce": nonce, "client_id": client["client_id"], "access_token": token["access_token"]})
        claims.validate()
        return claims

    claims = claims_of(token["id_token"])
    check(claims["acr"] == "otp" and "at_hash" in claims, "the ID token validates, with at_hash")
    refuses("another nonce", lambda: claims_of(token["id_token"], nonce="other"))
    refuses("another audience", lambda: claims_of(token["id_token"], rules={"aud": {"value": "other"}}))
    refuses("another issuer", lambda: claims_of(token["id_token"], rules={"iss": {"value": "https://other.example"}}))
    refuses("a changed ID token", lambda: claims_of(token["id_token"][:-4] + "AAAA"))
    info = session.get(about["userinfo_endpoint"]).json()
    check(info["sub"] == claims["sub"] and info["name"], "userinfo by the header")
    posted = session.post(about["userinfo_endpoint"], data={"access_token": token["access_token"]}, withhold_token=True)
    check(posted.status_code == 200 and posted.json()["sub"] == claims["sub"], "userinfo by a form")
    fresh = session.refresh_token(about["token_endpoint"], refresh_token=token["refresh_token"])
    check(fresh["refresh_token"] != token["refresh_token"], "refresh rotates")
    refuses("a refresh token used twice",
            lambda: session.refresh_token(about["token_endpoint"], refresh_token=token["refresh_token"]))
    verifier, state, back = sign_in(session, about, nonce=nonce)
    refuses("another state", lambda: session.fetch_token(
        about["token_endpoint"], authorization_response=back, state="other", code_verifier=verifier))
    token = session.fetch_token(about["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)
    check(session.revoke_token(about["revocation_endpoint"], token=token["access_token"]).status_code == 200, "revocation")
    check(session.get(about["userinfo_endpoint"]).status_code == 401, "a revoked access token opens nothing")

    key = ECKey.generate_key("P-256")
    key_set = json.dumps({"keys": [key.as_dict(private=False)]})
    partner = register(there, "Authlib partner", BACK + "/partner", method="private-key-jwt", keys=key_set, own="on")
    machine = OAuth2Session(partner["client_id"], key, token_endpoint_auth_method="private_key_jwt")
    machine.register_client_auth_method(PrivateKeyJWT(about["token_endpoint"], alg="ES256"))
    own = machine.fetch_token(about["token_endpoint"], grant_type="client_credentials")
    check(own["token_type"] == "Bearer", "private_key_jwt gets a token of its own")
    other = ECKey.generate_key("P-256")
    liar = OAuth2Session(partner["client_id"], other, token_endpoint_auth_method="private_key_jwt")
    liar.register_client_auth_method(PrivateKeyJWT(about["token_endpoint"], alg="ES256"))
    refuses("another key", lambda: liar.fetch_token(about["token_endpoint"], grant_type="client_credentials"))
    tally.close()


main()
