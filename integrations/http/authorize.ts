import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { HttpAuth, HttpConnector } from "../../schemas/http-connector.ts";
import type { VendorRequest } from "../plugin.ts";
import { secretValue, withAuthorization } from "../requests/authorization-header.ts";

/**
 * Puts the credential where the connector has it, in the place of whatever stands there. Throws
 * `AUTH_ERROR` for an auth type that the connector does not name.
 */
export function authorize(
  { auth }: HttpConnector,
  request: VendorRequest,
  { authType, secret }: BrokeredCredential,
): VendorRequest {
  const place = auth.find(({ type }) => type === authType);
  if (!place) {
    throw new DomainError(
      "AUTH_ERROR",
      `The connector has no auth type ${authType}. Store credentials of one that it names.`,
    );
  }

  switch (place.type) {
    case "apiKey":
      return withKey(place, request, secretValue(secret, "apiKey"));
    case "basic":
      return withAuthorization(request, `Basic ${pairOf(secret)}`);
    case "bearer":
      return withAuthorization(request, `Bearer ${secretValue(secret, "token")}`);
    default:
      return withAuthorization(request, `Bearer ${secretValue(secret, "accessToken")}`);
  }
}

/** RFC 7617: an empty password is one, and many vendors take a key as the user's name. */
const pairOf = (secret: Readonly<Record<string, string>>) =>
  Buffer.from(`${secretValue(secret, "username")}:${secret.password ?? ""}`).toString("base64");

function withKey(
  place: Extract<HttpAuth, { type: "apiKey" }>,
  request: VendorRequest,
  key: string,
): VendorRequest {
  const value = `${place.prefix ?? ""}${key}`;
  if (place.in === "query") {
    return { ...request, url: withQuery(request.url, place.name, value) };
  }

  // The check of what a header carries is the same for all of them.
  const name = place.name.toLowerCase();
  const { authorization } = withAuthorization(request, value).headers;
  return { ...request, headers: { ...request.headers, [name]: authorization ?? "" } };
}

/** What a parameter of the same name says is left out. */
function withQuery(url: string, name: string, value: string): string {
  const [address = "", search = ""] = url.split("?");
  const own = encodeURIComponent(name);
  const others = search.split("&").filter((pair) => pair !== "" && pair.split("=")[0] !== own);
  return `${address}?${[...others, `${own}=${encodeURIComponent(value)}`].join("&")}`;
}
