/**
 * What the TypeScript side of a connector brings (document 003, `IntegrationPlugin`; document 004,
 * `adapter.executeMethod`). It holds no state and no tenant: everything is an argument.
 */
import type { BrokeredCredential } from "../schemas/credential-grant.ts";
import type { VendorSite } from "../schemas/endpoint.ts";
import type { Method } from "../schemas/method.ts";

/** Grows with additions; another major is refused by name (decision 10). */
export const INTERFACE_VERSION = "1.0.0";

/** One request to the vendor, before credentials are put on it. */
export interface VendorRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  /** Absolute. The egress guard judges it, and where it leads. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
}

export interface VendorAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** How a vendor refused, read from its answer. Undefined where it did what was asked. */
export interface Refusal {
  readonly kind: "AUTH" | "FORBIDDEN" | "NOT_FOUND" | "INVALID" | "RATE" | "UNAVAILABLE" | "OTHER";
  /** For people, without anything that was sent. */
  readonly message: string;
  /**
   * The vendor's own words, for the caller alone: they may repeat what was sent, the credential
   * included. Whoever shows them takes its values out first.
   */
  readonly vendorMessage?: string;
  /** For `RATE` and `UNAVAILABLE`, where the vendor says it. Seconds. */
  readonly retryAfterSeconds?: number;
  /** Whether the vendor surely did nothing. */
  readonly notDone: boolean;
}

export type EndpointConfig = Readonly<Record<string, unknown>>;
export type Params = Readonly<Record<string, unknown>>;

export interface MethodContext {
  readonly config: EndpointConfig;
  /** A vendor takes it in the method's `idempotencyHeader`, where it has one. */
  readonly idempotencyKey?: string | undefined;
}

/** A hand-made method: data, and the two transforms of 004 as code. */
export interface PluginMethod {
  readonly method: Method;
  /** The printed request transform. Throws `VALIDATION_ERROR` for what no schema can say. */
  readonly request: (params: Params, context: MethodContext) => VendorRequest;
  /**
   * The printed response transform: `data` of the `IntegrationResult`. Throws `EXECUTION_ERROR` for
   * an answer that it cannot read, whatever that is.
   */
  readonly data: (answer: VendorAnswer, context: MethodContext, params: Params) => unknown;
}

/** How to learn which sites a new access token reaches. */
export interface SiteChoice {
  /** Asked with the token as a bearer; answers JSON. */
  readonly url: string;
  /** Of the config: the chosen site's id. */
  readonly field: string;
  /** Of the config: the site's address, which chooses where it is one of theirs. */
  readonly addressField: string;
  /** Throws for what is no list of sites. */
  readonly read: (answer: unknown) => readonly VendorSite[];
}

/** OAuth 2.0 as document 004 prints it (`definition.oauth2Config`), and what vendors add. */
export interface OAuth2Config {
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly scope?: string;
  /** Between scopes. Default: a blank, as RFC 6749 has it. */
  readonly scopeSeparator?: string;
  /** Where one authorization reaches several sites, of which an endpoint is one. */
  readonly sites?: SiteChoice;
  /** For example Atlassian's `audience` and `prompt`. */
  readonly additionalParameters?: Readonly<Record<string, string>>;
  readonly clientAuthentication: "client_secret_post" | "client_secret_basic";
  /** A refresh token that was used is spent: a new one comes with each refresh. */
  readonly rotatesRefreshTokens: boolean;
  /** A refresh token that is not used so long is dead. */
  readonly idleDays?: number;
  /** A refresh token is dead after so long, used or not. */
  readonly absoluteDays?: number;
}

export interface IntegrationPlugin {
  /** The connector's, as the manifest has it. */
  readonly name: string;
  /** Of the connector that it hangs on. */
  readonly version: string;
  readonly interfaceVersion: string;
  readonly methods: readonly PluginMethod[];
  /** Undefined: the connector has no OAuth 2.0. May depend on the endpoint (Zoho's data centres). */
  readonly oauth2?: (config: EndpointConfig) => OAuth2Config;
  /** Puts the credential on a request: a header as a rule, a signature at AWS. */
  readonly authorize: (
    request: VendorRequest,
    credential: BrokeredCredential,
    config: EndpointConfig,
  ) => VendorRequest | Promise<VendorRequest>;
  /**
   * Whether a scope that was granted covers one that a method needs, in the vendor's own way. Left
   * out: only the very same does.
   */
  readonly covers?: (granted: string, needed: string) => boolean;
  /** A harmless read that tells whether the vendor takes a credential. */
  readonly probe: (config: EndpointConfig, credential: BrokeredCredential) => VendorRequest;
  /** Reads a refusal out of an answer, in the vendor's own way. */
  readonly refusal: (answer: VendorAnswer) => Refusal | undefined;
}
