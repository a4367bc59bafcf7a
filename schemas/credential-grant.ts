/** What the credential broker is asked, and what it answers (decisions 4 and 26). */
import * as z from "zod";
import { Id, Instant } from "./scalars.ts";

/** What a holder does with a credential: the use that is audited. */
const GRANT_PURPOSES = ["run", "collection", "probe", "call", "maintenance"] as const;

/** Claims of a signed grant: who may read whose credential, for what, until when. */
export const CredentialGrant = z
  .strictObject({
    tenantId: Id,
    ownerId: Id.describe("Endpoint or sink."),
    purpose: z.enum(GRANT_PURPOSES),
    subject: z.string().max(200).describe("Id of the run, collection, probe or call."),
    exp: z.int().describe("Epoch seconds."),
  })
  .meta({ id: "CredentialGrant" });
export type CredentialGrant = z.infer<typeof CredentialGrant>;

export const BrokerRequest = z
  .strictObject({
    grant: z.string().max(4096).describe("The signed grant: a JWS in compact form."),
    versionSeen: z
      .string()
      .max(200)
      .nullish()
      .describe(
        "The version that the vendor refused. A newer one is answered if there is one, and made " +
          "if there is none.",
      ),
    versionId: z
      .string()
      .max(200)
      .nullish()
      .describe("A stored version that nothing points at yet: credentials that are being tried."),
    rotate: z
      .boolean()
      .nullish()
      .describe("Replaces what is good: for maintenance alone. Refused where only people can."),
  })
  .meta({ id: "BrokerRequest" });
export type BrokerRequest = z.infer<typeof BrokerRequest>;

/** What a vendor is called with. `secret` holds no more than the calls need. */
export const BrokeredCredential = z
  .strictObject({
    authType: z.string(),
    secret: z.record(z.string(), z.string()),
    version: z.string().describe("Changes whenever `secret` does."),
    expiresAt: Instant.nullable().describe("Null: it does not say."),
    scopes: z.array(z.string()).nullable().describe("Null: unknown."),
  })
  .meta({ id: "BrokeredCredential" });
export type BrokeredCredential = z.infer<typeof BrokeredCredential>;

export const BrokerAnswer = z
  .union([
    z.strictObject({ credential: BrokeredCredential }),
    z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) }),
  ])
  .meta({ id: "BrokerAnswer" });
export type BrokerAnswer = z.infer<typeof BrokerAnswer>;
