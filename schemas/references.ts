/** Where the parties of a run are, and where their credentials lie: never a value. */
import * as z from "zod";
import { Id, Json, Slug } from "./scalars.ts";

/**
 * Where a credential lives: the version is the pointer's, so a reader gets the value that the
 * control plane means.
 */
export const CredentialRef = z
  .strictObject({ secretId: z.string(), versionId: z.string(), tenantId: Id, ownerId: Id })
  .meta({ id: "CredentialRef" });
export type CredentialRef = z.infer<typeof CredentialRef>;

export const SourceRef = z
  .strictObject({
    endpointId: Id,
    slug: Slug,
    connector: z.string(),
    connectorVersion: z.string(),
    config: Json,
    authType: z.string().nullable(),
    credential: CredentialRef.nullable(),
  })
  .meta({ id: "SourceRef" });
export type SourceRef = z.infer<typeof SourceRef>;

const target = {
  sinkId: Id,
  type: z.string(),
  config: Json,
  credential: CredentialRef.nullable(),
  roleArn: z
    .string()
    .nullish()
    .describe("The role that the credential names. The run may assume no other role."),
};

export const ThroughSinkRef = z.strictObject(target).meta({ id: "ThroughSinkRef" });
export type ThroughSinkRef = z.infer<typeof ThroughSinkRef>;

export const SinkRef = z
  .strictObject({
    ...target,
    through: ThroughSinkRef.nullish().describe("Of a sink that is written through another one."),
  })
  .meta({ id: "SinkRef" });
export type SinkRef = z.infer<typeof SinkRef>;
