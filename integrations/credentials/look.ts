/** What is known of a credential at this moment: the stored version, and the token made of it. */
import { type Renewal, readRenewal } from "../../adapters/dynamodb/credentials/renewal.ts";
import { findCredentials, openEnvelope } from "../../adapters/secrets/read-credentials.ts";
import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import type { Credentials } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { BrokerDeps } from "./deps.ts";
import type { Given, Kind } from "./kind.ts";
import { kindOf } from "./kinds.ts";
import { openedOnce } from "./opened.ts";
import type { CredentialOwner } from "./owner.ts";

/** What calls are sent with, and which version that is. */
export interface Current extends Given {
  readonly version: string;
}

export interface Seen {
  readonly owner: CredentialOwner;
  readonly stored: Credentials;
  readonly kind: Kind;
  readonly renewal: Renewal;
  readonly current: Current | undefined;
}

type LookDeps = Pick<BrokerDeps, "tables" | "credentials">;

/** Throws `AUTH_ERROR` when what the owner points at is gone. */
export async function look(deps: LookDeps, owner: CredentialOwner): Promise<Seen> {
  const [stored, renewal] = await Promise.all([
    openStored(deps, owner),
    readRenewal(deps.tables, owner),
  ]);
  if (!stored) throw gone();

  const kind = kindOf(stored, owner.noun);
  const current = (await openToken(deps, owner, renewal)) ?? givenBy(kind, stored, owner);
  return { owner, stored, kind, renewal, current };
}

/** What is being tried may be replaced in its place. */
function openStored({ credentials }: LookDeps, owner: CredentialOwner) {
  const open = () => findCredentials(credentials, owner);
  return owner.tried ? open() : openedOnce(owner, owner.versionId, open);
}

function givenBy(
  kind: Kind,
  { secret, expiresAt }: Credentials,
  { versionId }: CredentialOwner,
): Current | undefined {
  const given = kind.given(secret);
  const said = expiresAt && !kind.obtain ? { expiresAt: new Date(expiresAt) } : {};
  return given && { ...given, ...said, version: versionId };
}

async function openToken(
  { credentials }: LookDeps,
  owner: CredentialOwner,
  { token }: Renewal,
): Promise<Current | undefined> {
  // That of another version is of credentials that count no more.
  if (token?.versionId !== owner.versionId) return undefined;
  const { sealed, expiresAt, obtainedAt, scopes, fence } = token;
  const version = `${owner.versionId}.${fence}`;
  const text = await openedOnce(owner, version, () => openEnvelope(credentials, owner, sealed));
  return {
    secret: JSON.parse(text ?? "{}"),
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
    obtainedAt: new Date(obtainedAt),
    scopes,
    version,
  };
}

const MARGIN_MS = 60_000;
/** Of a token that lives for less than five minutes, a fifth. */
const SHARE = 5;

/** Whether it lasts long enough to be given out. */
export function isFresh({ expiresAt, obtainedAt }: Current, now: Date): boolean {
  if (expiresAt === null) return true;
  const lifeMs = obtainedAt ? expiresAt.getTime() - obtainedAt.getTime() : Infinity;
  return now.getTime() < expiresAt.getTime() - Math.min(MARGIN_MS, lifeMs / SHARE);
}

export const isOver = ({ expiresAt }: Current, now: Date): boolean =>
  expiresAt !== null && expiresAt <= now;

export function brokered(
  { authType }: Pick<Credentials, "authType">,
  { secret, version, expiresAt, scopes }: Current,
): BrokeredCredential {
  return {
    authType,
    secret: { ...secret },
    version,
    expiresAt: expiresAt?.toISOString() ?? null,
    scopes: scopes && [...scopes],
  };
}

const gone = () =>
  new DomainError(
    "AUTH_ERROR",
    "The stored credentials are gone. Store them again with PUT …/credentials.",
  );
