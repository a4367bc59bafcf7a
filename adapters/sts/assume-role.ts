/**
 * AssumeRole by the query API, signed by aws4fetch: its client would be 100 kB of the bundle.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
import { AwsV4Signer } from "aws4fetch";
import { XMLParser } from "fast-xml-parser";
import * as z from "zod";
import type { Signer } from "../s3/signed-url.ts";

export interface RoleRequest {
  readonly roleArn: string;
  readonly externalId: string;
  /** Of 2 to 64 letters, digits and `+=,.@-`. The account's CloudTrail shows it. */
  readonly sessionName: string;
  /** IAM policy: what the session may do at most. */
  readonly policy: object;
  readonly durationSeconds: number;
}

export interface RoleSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: Date;
}

/**
 * `REFUSED`: the role does not trust us, or is gone. Throws for whatever is no answer; the caller
 * says so without its text.
 */
export type AssumeRole = (request: RoleRequest) => Promise<RoleSession | "REFUSED">;

const TIMEOUT_MS = 10_000;

/** `endpoint` stands in for that of the signer's region. */
export function openAssumeRole(
  signer: () => Promise<Signer>,
  endpoint: string | undefined,
): AssumeRole {
  return async (request) => {
    const { region, sessionToken, ...keys } = await signer();
    const body = new URLSearchParams({
      Action: "AssumeRole",
      Version: "2011-06-15",
      RoleArn: request.roleArn,
      ExternalId: request.externalId,
      RoleSessionName: request.sessionName,
      Policy: JSON.stringify(request.policy),
      DurationSeconds: String(request.durationSeconds),
    }).toString();

    const signed = await new AwsV4Signer({
      ...keys,
      ...(sessionToken && { sessionToken }),
      method: "POST",
      url: endpoint ?? `https://sts.${region}.amazonaws.com/`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
      service: "sts",
      region,
    }).sign();

    const { method, url, headers } = signed;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(url, { method, headers, body, signal, redirect: "error" });
    return sessionOf(answer.status, await answer.text());
  };
}

const Session = z.object({
  AssumeRoleResponse: z.object({
    AssumeRoleResult: z.object({
      Credentials: z.object({
        AccessKeyId: z.string(),
        SecretAccessKey: z.string(),
        SessionToken: z.string(),
        Expiration: z.string(),
      }),
    }),
  }),
});

/** Values stay text: a key of digits is no number. */
const XML = new XMLParser({ parseTagValue: false, processEntities: true });

function sessionOf(status: number, body: string): RoleSession | "REFUSED" {
  // 400: the role's ARN or the policy is none; 403: AccessDenied, for a role that is gone, too.
  if (status === 400 || status === 403) return "REFUSED";
  if (status !== 200) throw new Error(`STS answered ${status}.`);
  const { Credentials } = Session.parse(XML.parse(body)).AssumeRoleResponse.AssumeRoleResult;
  return {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
    expiresAt: new Date(Credentials.Expiration),
  };
}
