/** Endpoints and sinks as the data plane gets them: by reference, never with a secret. */
import type { OfferedEndpoint, OfferedSink } from "../../adapters/dynamodb/probes/store.ts";
import { secretId } from "../../adapters/secrets/credential-store.ts";
import type {
  CredentialRef,
  SinkRef,
  SourceRef,
  ThroughSinkRef,
} from "../../schemas/references.ts";

export function sourceRef(environment: string, endpoint: OfferedEndpoint): SourceRef {
  const { tenantId, endpointId, slug, connector, connectorVersion, config, authType } = endpoint;
  const credential = credentialRef(
    environment,
    { tenantId, ownerId: endpointId },
    endpoint.credentialVersion,
  );
  return { endpointId, slug, connector, connectorVersion, config, authType, credential };
}

export function sinkRef(environment: string, offered: OfferedSink): SinkRef {
  const through = offered.through && placeRef(environment, offered.through);
  return { ...placeRef(environment, offered), ...(through && { through }) };
}

function placeRef(environment: string, { sink, roleArn }: OfferedSink): ThroughSinkRef {
  const { tenantId, sinkId, type, config } = sink;
  return {
    sinkId,
    type,
    config,
    credential: credentialRef(environment, { tenantId, ownerId: sinkId }, sink.credentialVersion),
    ...(roleArn !== null && { roleArn }),
  };
}

function credentialRef(
  environment: string,
  owner: { tenantId: string; ownerId: string },
  versionId: string | null,
): CredentialRef | null {
  return versionId === null
    ? null
    : { secretId: secretId(environment, { ...owner, versionId }), versionId, ...owner };
}
