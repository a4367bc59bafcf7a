"""JSON Schemas of credentials that several connectors take: what `PUT …/credentials` accepts."""

from __future__ import annotations

from typing import Any

HIDDEN: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 8192, "writeOnly": True}
"""A value that is never shown."""
_NAME: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 2048}


def secret_of(**properties: dict[str, Any]) -> dict[str, Any]:
    """An object of exactly these."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


OAUTH2: dict[str, Any] = {
    "type": "object",
    "properties": {
        "clientId": {**_NAME, "description": "Of the app that you registered at the vendor."},
        "clientSecret": HIDDEN,
        "refreshToken": {
            **HIDDEN,
            "description": "Left out: POST /endpoints/{endpointId}/oauth/authorize asks for one.",
        },
        "accessToken": {
            **HIDDEN,
            "description": "With a client, one that is still good. Without one, it is used until "
            "the vendor refuses it.",
        },
        "expiresAt": {
            "type": "string",
            "format": "date-time",
            "maxLength": 40,
            "description": "When the access token ends.",
        },
        "scope": {**_NAME, "description": "What the tokens may do, as the vendor said it."},
        "tokenType": {"type": "string", "minLength": 1, "maxLength": 40},
    },
    "additionalProperties": False,
    "if": {
        "anyOf": [
            {"required": ["clientId"]},
            {"required": ["clientSecret"]},
            {"required": ["refreshToken"]},
        ]
    },
    "then": {"required": ["clientId", "clientSecret"]},
    "else": {"required": ["accessToken"]},
}
"""An app's client, with the tokens that it has so far; or an access token alone. A refresh token is
of no use without its client.
"""

OAUTH2_CLIENT: dict[str, Any] = {
    **{name: value for name, value in OAUTH2.items() if name not in ("if", "then", "else")},
    "required": ["clientId", "clientSecret"],
}
"""For a vendor whose access tokens are too short-lived to be pasted."""
