/** Where the parties of a run are, and where their credentials lie: never a value. */
import * as z from "zod";
import { Id, Json, Slug } from "./scalars.ts";

/** Whose credential is read, and by which right: the broker answers with the one that counts. */
export const CredentialRef = z
  .strictObject({
    secretId: z.string(),
    versionId: z.string().describe("The version that counted when the work was given out."),
    tenantId: Id,
    ownerId: Id,
    grant: z
      .string()
      .max(4096)
      .nullish()
      .describe("Signed: what the broker is shown. Left out by an earlier release."),
    tried: z
      .boolean()
      .nullish()
      .describe("Nothing points at the version: it is read by its id, for a probe."),
  })
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
