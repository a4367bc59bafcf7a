import { askBroker } from "../../../adapters/lambda/credential-broker.ts";
import { readGrantKey } from "../../../adapters/secrets/grant-key.ts";
import * as operations from "../../../schemas/operations/credentials.ts";
import { signerOf, tenantDeps } from "../../runtime/deps.ts";
import { readEnv } from "../../runtime/env.ts";
import { oauthDeps } from "../../runtime/oauth-deps.ts";
import { once } from "../../runtime/once.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { admitRequest } from "../../runtime/tenant-limits.ts";
import { authorizeOauth } from "./authorize-oauth.ts";
import { completeOauth } from "./complete-oauth.ts";
import { type RotationDeps, rotateCredentials } from "./rotate-credentials.ts";

const deps = once(async () => ({
  ...tenantDeps(),
  ...oauthDeps(),
  ...(await rotationDeps()),
}));

async function rotationDeps(): Promise<Omit<RotationDeps, "tables">> {
  const { brokerFunction, grantSecret } = readEnv("brokerFunction", "grantSecret");
  const broker = {
    functionName: brokerFunction,
    signer: signerOf(tenantDeps().tables),
    endpoint: process.env.AWS_ENDPOINT_URL_LAMBDA ?? process.env.AWS_ENDPOINT_URL,
  };

  return {
    grantKey: await readGrantKey(grantSecret),
    askBroker: (request) => askBroker(broker, request),
  };
}

export const handler = restHandler(
  [
    route(operations.AuthorizeOauth, authorizeOauth),
    route(operations.CompleteOauth, completeOauth),
    route(operations.RotateCredentials, rotateCredentials),
  ],
  deps,
  admitRequest,
);
