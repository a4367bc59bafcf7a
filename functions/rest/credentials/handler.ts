import * as operations from "../../../schemas/operations/credentials.ts";
import { tenantDeps } from "../../runtime/deps.ts";
import { oauthDeps } from "../../runtime/oauth-deps.ts";
import { once } from "../../runtime/once.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { admitRequest } from "../../runtime/tenant-limits.ts";
import { authorizeOauth } from "./authorize-oauth.ts";
import { completeOauth } from "./complete-oauth.ts";

const deps = once(() => ({ ...tenantDeps(), ...oauthDeps() }));

export const handler = restHandler(
  [
    route(operations.AuthorizeOauth, authorizeOauth),
    route(operations.CompleteOauth, completeOauth),
  ],
  deps,
  admitRequest,
);
