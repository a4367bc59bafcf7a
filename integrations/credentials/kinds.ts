/** Which kind a stored credential is of. A new one is a file beside these, and its line here. */
import type { Credentials } from "../../schemas/endpoint.ts";
import { awsRole } from "./aws.ts";
import { clientCredentials } from "./client-credentials.ts";
import { githubApp } from "./github-app.ts";
import type { Kind } from "./kind.ts";
import { oauth2, pastedToken } from "./oauth2.ts";
import { serviceAccount } from "./service-account.ts";
import { storedAs } from "./stored.ts";

/** A sink's credentials are of the sink's own kinds: they are given as they are stored. */
export function kindOf({ authType, secret }: Credentials, noun: "endpoint" | "sink"): Kind {
  if (noun === "sink") return storedAs();
  if (authType === "oauth2") return secret.refreshToken ? oauth2 : pastedToken;
  return OBTAINED[authType] ?? storedAs(NEEDED[authType]);
}

const OBTAINED: Readonly<Record<string, Kind>> = {
  clientCredentials,
  serviceAccount,
  githubApp,
  awsRole,
};

/** What calls need of what is stored. Of other kinds (basic): all of it. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  apiKey: ["apiKey"],
  bearer: ["token"],
  awsKeys: ["accessKeyId", "secretAccessKey", "sessionToken"],
};
