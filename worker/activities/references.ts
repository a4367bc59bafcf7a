/** Endpoints and sinks as the data plane gets them: by reference, never with a secret. */
import type { OfferedEndpoint, OfferedSink } from "../../adapters/dynamodb/probes/store.ts";
import { secretId } from "../../adapters/secrets/credential-store.ts";
import { signGrant } from "../../integrations/credentials/grants.ts";
import type { CredentialGrant } from "../../schemas/credential-grant.ts";
import type {
  CredentialRef,
  SinkRef,
  SourceRef,
  ThroughSinkRef,
} from "../../schemas/references.ts";
import type { Deps } from "./deps.ts";

type Needs = Pick<Deps, "environment" | "grantKey">;

/** What credentials are given to, and since when it is at work. */
export interface GivenTo extends Pick<CredentialGrant, "purpose" | "subject"> {
  readonly since: string;
  /** What is given is being tried: nothing points at its credentials yet. */
  readonly tried?: boolean;
}

/**
 * Hours that a grant lives, from the beginning of the work: the same at each attempt to give it.
 * The broker refuses whoever has ended, so that a run's is as long as the longest reading may take,
 * an hour of the vendor's budget after the other. Upkeep has no end that the broker could see, and
 * goes through its tables within a day.
 */
const GRANT_HOURS: Readonly<Record<CredentialGrant["purpose"], number>> = {
  run: 30 * 24,
  collection: 24,
  maintenance: 24,
  probe: 1,
  call: 1,
};

export async function sourceRef(
  deps: Needs,
  endpoint: OfferedEndpoint,
  work: GivenTo,
): Promise<SourceRef> {
  const { tenantId, endpointId, slug, connector, connectorVersion, config, authType } = endpoint;
  const owner = { tenantId, ownerId: endpointId };
  const credential = await credentialRef(deps, owner, endpoint.credentialVersion, work);
  return { endpointId, slug, connector, connectorVersion, config, authType, credential };
}

export async function sinkRef(deps: Needs, offered: OfferedSink, work: GivenTo): Promise<SinkRef> {
  // What it is written through is stored, whatever is tried.
  const through =
    offered.through && (await placeRef(deps, offered.through, { ...work, tried: false }));
  return { ...(await placeRef(deps, offered, work)), ...(through && { through }) };
}

async function placeRef(
  deps: Needs,
  { sink, roleArn }: OfferedSink,
  work: GivenTo,
): Promise<ThroughSinkRef> {
  const { tenantId, sinkId, type, config } = sink;
  const owner = { tenantId, ownerId: sinkId };
  return {
    sinkId,
    type,
    config,
    credential: await credentialRef(deps, owner, sink.credentialVersion, work),
    ...(roleArn !== null && { roleArn }),
  };
}

type Owner = Pick<CredentialGrant, "tenantId" | "ownerId">;

async function credentialRef(
  deps: Needs,
  owner: Owner,
  versionId: string | null,
  work: GivenTo,
): Promise<CredentialRef | null> {
  if (versionId === null) return null;
  return {
    secretId: secretId(deps.environment, { ...owner, versionId }),
    versionId,
    ...owner,
    grant: await grantOf(deps, owner, work),
    ...(work.tried && { tried: true }),
  };
}

export function grantOf(
  { grantKey }: Pick<Deps, "grantKey">,
  owner: Owner,
  { purpose, subject, since }: GivenTo,
): Promise<string> {
  const exp = Math.floor(Date.parse(since) / 1000) + GRANT_HOURS[purpose] * 3600;
  return signGrant(grantKey, { ...owner, purpose, subject, exp });
}
