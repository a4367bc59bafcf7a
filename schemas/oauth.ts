/** Setting up OAuth 2.0 in a browser (document 004). */
import * as z from "zod";
import { Id, Instant } from "./scalars.ts";

/** RFC 6749, 3.3: printable characters without blanks, quotes and backslashes. */
const Scope = z
  .string()
  .regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/, { error: "must be one scope, without blanks" });
const State = z.string().min(1).max(200).describe("The `state` of the authorization.");
const Code = z.string().min(1).max(4096).describe("The `code` that the vendor gave the browser.");

export const AuthorizeInput = z
  .strictObject({
    redirectUri: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .describe(
        "Where the vendor sends the browser. Left out: our own `GET /oauth/callback`. Others are " +
          "registered by the operators of this deployment, and have to match exactly.",
      ),
    scopes: z
      .array(Scope)
      .max(100)
      .optional()
      .describe("What to ask the vendor for. Left out: what the connector's methods need."),
  })
  .meta({ id: "AuthorizeInput" });
export type AuthorizeInput = z.infer<typeof AuthorizeInput>;

/** The browser that gets this answer also gets a cookie, by which the callback knows it. */
export const OAuthSetupResult = z
  .strictObject({
    authorizationUrl: z.url().max(16_384).describe("Open it in the browser of whoever asked."),
    state: z.string().describe("Names this authorization. Used once, within ten minutes."),
  })
  .meta({ id: "OAuthSetupResult" });
export type OAuthSetupResult = z.infer<typeof OAuthSetupResult>;

/** What vendors add beside these is left out before (`functions/oauth-callback/handler.ts`). */
export const OAuthCallbackQuery = z.strictObject({
  code: Code.optional(),
  state: State.optional(),
  error: z.string().max(200).optional().describe("Why the vendor gave no code."),
});
export type OAuthCallbackQuery = z.infer<typeof OAuthCallbackQuery>;

export const Connected = z
  .strictObject({
    status: z.literal("SUCCESS"),
    integrationInstanceId: Id.describe("The endpoint, which has its tokens now."),
    message: z.string().describe("What happened, and what is left to do."),
  })
  .meta({ id: "OAuthConnected" });

/** To a browser that is not known to be the one of whoever began. */
export const Unconfirmed = z
  .strictObject({
    status: z.literal("UNCONFIRMED"),
    confirmation: z
      .string()
      .describe("Whoever began sends it with a token: POST /oauth/complete. Nobody else can."),
    expiresAt: Instant,
    message: z.string(),
  })
  .meta({ id: "OAuthUnconfirmed" });

export const OAuthCallbackResult = z.discriminatedUnion("status", [Connected, Unconfirmed]);
export type OAuthCallbackResult = z.infer<typeof OAuthCallbackResult>;

/** Exactly one of `code` and `confirmation`. */
export const CompleteInput = z
  .strictObject({
    state: State,
    code: Code.optional(),
    confirmation: z
      .string()
      .max(32)
      .optional()
      .describe("What the browser showed at the end. Case and dashes do not matter."),
  })
  .refine(({ code, confirmation }) => (code === undefined) !== (confirmation === undefined), {
    error: "must have one of code and confirmation",
  })
  .meta({ id: "CompleteInput" });
export type CompleteInput = z.infer<typeof CompleteInput>;
