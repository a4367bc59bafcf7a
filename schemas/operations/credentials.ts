import { Endpoint } from "../endpoint.ts";
import { AuthorizeInput, CompleteInput, Connected, OAuthSetupResult } from "../oauth.ts";
import { operation } from "../operation.ts";
import { EndpointPath } from "./paths.ts";

export const AuthorizeOauth = operation({
  id: "authorizeOauth",
  method: "POST",
  path: "/endpoints/{endpointId}/oauth/authorize",
  area: "credentials",
  role: "admin",
  summary:
    "Begins an authorization by OAuth 2.0: answers the address at which the vendor asks a " +
    "person. The endpoint's credentials have to hold the client (`clientId`, `clientSecret`).",
  pathParams: EndpointPath,
  body: AuthorizeInput.optional(),
  answers: { 200: OAuthSetupResult },
  errors: ["NOT_FOUND", "CONFIG_INVALID"],
});

export const CompleteOauth = operation({
  id: "completeOauth",
  method: "POST",
  path: "/oauth/complete",
  area: "credentials",
  role: "admin",
  summary:
    "Finishes an authorization that the caller began, where the browser at the callback was not " +
    "known as the caller's, or where the vendor sent it to a page of the operator's.",
  body: CompleteInput,
  answers: { 200: Connected },
  errors: ["NOT_FOUND", "CONFIG_INVALID", "AUTH_ERROR", "CONFLICT", "SOURCE_UNAVAILABLE"],
});

export const RotateCredentials = operation({
  id: "rotateCredentials",
  method: "POST",
  path: "/endpoints/{endpointId}/credentials/rotate",
  area: "credentials",
  role: "admin",
  summary:
    "Replaces the endpoint's tokens now, at vendors that do so without a person: OAuth 2.0, " +
    "client credentials, service accounts, GitHub Apps, AWS roles.",
  pathParams: EndpointPath,
  answers: { 200: Endpoint },
  errors: ["NOT_FOUND", "CONFLICT", "AUTH_ERROR", "SOURCE_UNAVAILABLE", "UNEXPECTED_RESPONSE"],
});
