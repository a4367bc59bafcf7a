/**
 * A vendor's token endpoint with rotating refresh tokens, of the kind that Atlassian runs: a
 * refresh token that was used works for a leeway more, and its reuse after that ends the whole
 * family. It keeps state, counts what it is asked, and errs when told to.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface TokenServerOptions {
  /** Of access tokens. Seconds. */
  readonly lifeSeconds?: number;
  /** How long a spent refresh token still works. Milliseconds; 0: never. */
  readonly leewayMs?: number;
  /** Zoho and others: the refresh token stays as it is. */
  readonly rotates?: boolean;
  readonly latencyMs?: number;
  readonly now?: () => Date;
}

interface Family {
  alive: boolean;
  access: Set<string>;
}
interface Held {
  readonly family: Family;
  spentAt: number | null;
}

/** What a request is answered instead, once. `hang`: done, and no answer. */
export type Fault = { status: number; body: unknown } | "hang" | "drop";

export interface TokenVendor {
  readonly tokenUrl: string;
  readonly client: { readonly clientId: string; readonly clientSecret: string };
  /** A refresh token of a family of its own, as an authorization leaves it. */
  readonly authorize: () => { refreshToken: string; accessToken: string };
  /** As if all refresh tokens had been used this moment, and the answers had been lost. */
  readonly spendAll: () => void;
  readonly isGood: (accessToken: string) => boolean;
  readonly faults: Fault[];
  readonly counts: { asked: number; refreshed: number; reused: number; dead: number };
  readonly close: () => Promise<void>;
}

export async function startTokenServer(options: TokenServerOptions = {}): Promise<TokenVendor> {
  const site = new Site(options);
  const server = createServer((request, response) => void site.answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  return {
    tokenUrl: `http://127.0.0.1:${port}/oauth/token`,
    client: site.client,
    authorize: () => site.authorize(),
    spendAll: () => site.spendAll(),
    isGood: (token) => site.isGood(token),
    faults: site.faults,
    counts: site.counts,
    close: () => closed(server),
  };
}

class Site {
  readonly client = { clientId: "client-1", clientSecret: `canary-${randomUUID()}` };
  readonly faults: Fault[] = [];
  readonly counts = { asked: 0, refreshed: 0, reused: 0, dead: 0 };
  readonly #held = new Map<string, Held>();
  readonly #families: Family[] = [];
  readonly #options: Required<TokenServerOptions>;

  constructor(options: TokenServerOptions) {
    const defaults = { lifeSeconds: 3600, leewayMs: 0, rotates: true, latencyMs: 0 };
    this.#options = { ...defaults, now: () => new Date(), ...options };
  }

  authorize() {
    const family: Family = { alive: true, access: new Set() };
    this.#families.push(family);
    return this.#issue(family);
  }

  spendAll(): void {
    for (const held of this.#held.values()) held.spentAt ??= this.#options.now().getTime();
  }

  isGood(accessToken: string): boolean {
    return this.#families.some(({ alive, access }) => alive && access.has(accessToken));
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const piece of request) text += piece;
    this.counts.asked++;
    if (this.#options.latencyMs > 0)
      await new Promise((wake) => setTimeout(wake, this.#options.latencyMs));

    const fault = this.faults.shift();
    if (typeof fault === "object") return json(response, fault.status, fault.body);
    const { status, body } = this.#token(new URLSearchParams(text));
    if (fault === "hang") return;
    if (fault === "drop") return void response.destroy();
    json(response, status, body);
  }

  #token(form: URLSearchParams): { status: number; body: unknown } {
    const { clientId, clientSecret } = this.client;
    if (form.get("client_id") !== clientId || form.get("client_secret") !== clientSecret)
      return { status: 401, body: { error: "invalid_client" } };
    if (form.get("grant_type") !== "refresh_token")
      return { status: 400, body: { error: "unsupported_grant_type" } };

    const given = form.get("refresh_token") ?? "";
    const held = this.#held.get(given);
    if (!held?.family.alive) return this.#dead();
    const nowMs = this.#options.now().getTime();
    if (held.spentAt !== null) {
      this.counts.reused++;
      if (nowMs - held.spentAt >= this.#options.leewayMs) {
        held.family.alive = false;
        return this.#dead();
      }
    }

    this.counts.refreshed++;
    const { accessToken, refreshToken } = this.#next(given, held, nowMs);
    return {
      status: 200,
      body: {
        access_token: accessToken,
        ...(this.#options.rotates && { refresh_token: refreshToken }),
        token_type: "Bearer",
        expires_in: this.#options.lifeSeconds,
        scope: "read:jira-work offline_access",
      },
    };
  }

  #next(given: string, held: Held, nowMs: number) {
    if (this.#options.rotates) {
      held.spentAt ??= nowMs;
      return this.#issue(held.family);
    }
    const accessToken = `canary-at-${randomUUID()}`;
    held.family.access.add(accessToken);
    return { accessToken, refreshToken: given };
  }

  #issue(family: Family) {
    const [accessToken, refreshToken] = [`canary-at-${randomUUID()}`, `canary-rt-${randomUUID()}`];
    // An access token goes with its companion.
    family.access.clear();
    family.access.add(accessToken);
    this.#held.set(refreshToken, { family, spentAt: null });
    return { accessToken, refreshToken };
  }

  #dead() {
    this.counts.dead++;
    return { status: 403, body: { error: "invalid_grant", error_description: "canary-words" } };
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
