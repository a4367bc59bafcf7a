/** What every plugin promises, whatever the vendor: run by the test beside each `plugin.ts`. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { schemaFaults } from "../core/json-schema.ts";
import { unknownKeywords } from "../core/schema-keywords.ts";
import type { BrokeredCredential } from "../schemas/credential-grant.ts";
import { Method } from "../schemas/method.ts";
import {
  type EndpointConfig,
  INTERFACE_VERSION,
  type IntegrationPlugin,
  type PluginMethod,
  type VendorAnswer,
  type VendorRequest,
} from "./plugin.ts";
import { paramsFor } from "./values-under-test.ts";

export interface PluginSubject {
  readonly plugin: IntegrationPlugin;
  /** One for each way to reach the vendor. `base` is where every request must go. */
  readonly sites: readonly { readonly config: EndpointConfig; readonly base: string }[];
  /** One for each auth type. Their values hold `canary`. */
  readonly credentials: readonly BrokeredCredential[];
  /** Methods with a parameter that fills several parts of the path. */
  readonly severalParts?: readonly string[];
}

/** Header names that a plugin may set. None of their values comes from a parameter. */
const HEADERS = new Set([
  "accept",
  "content-type",
  "user-agent",
  "x-amz-target",
  "x-atlassian-token",
  "x-github-api-version",
]);
const CREDENTIAL_HEADERS = new Set(["authorization", "x-amz-date", "x-amz-security-token"]);
const RUNS = { numRuns: 200 };

const CANARY = "canary-3f9a";

/** A credential of an auth type whose values are found wherever they go. */
export function aCredential(authType: string, names: readonly string[]): BrokeredCredential {
  const secret = Object.fromEntries(names.map((name) => [name, `${CANARY}-${name}`]));
  return { authType, secret, version: "1", expiresAt: null, scopes: null };
}

export function describePlugin(subject: PluginSubject): void {
  const { plugin } = subject;

  describe(`the plugin ${plugin.name}`, () => {
    describeData(plugin);
    for (const { config, base } of subject.sites) describeRequests(subject, config, base);
    describeCredentials(subject);
    describeAnswers(plugin);
  });
}

function describeData({ methods, interfaceVersion }: IntegrationPlugin): void {
  test("is made for this interface", () => {
    expect(interfaceVersion.split(".")[0]).toBe(INTERFACE_VERSION.split(".")[0]);
  });

  test("has methods of unique names that the contract accepts", () => {
    const names = methods.map(({ method }) => method.name);
    expect(new Set(names).size).toBe(names.length);
    for (const { method } of methods) expect(Method.safeParse(method).error).toBeUndefined();
  });

  test.each(methods.map(({ method }) => [method.name, method] as const))(
    "%s says what it takes, with descriptions and bounds that are checked",
    (_, method) => {
      const schemas = [method.paramSchema, method.responseSchema ?? {}];
      expect(schemas.flatMap(unknownKeywords)).toEqual([]);
      expect(method.paramSchema).toMatchObject({ type: "object", additionalProperties: false });
      expect(unbounded(method.paramSchema)).toEqual([]);
      expect(method.safe ? method.idempotent : true).toBe(true);
      expect(method.description.length).toBeGreaterThan(20);
      expect(method.scopes.length).toBeGreaterThan(0);
    },
  );
}

function describeRequests(subject: PluginSubject, config: EndpointConfig, base: string): void {
  const { methods } = subject.plugin;

  test.each(methods.map((method) => [method.method.name, method] as const))(
    `%s asks ${base} and nothing else, whatever its parameters`,
    (name, method) => {
      const tame = tameRequests(method, config);
      const depths = new Set(tame.map(({ url }) => partsOf(url).length));
      for (const request of tame) expectAtHome(request, base);

      const paramSchema = method.method.paramSchema;
      const hostile = fc.oneof(paramsFor(paramSchema, "hostile"), paramsFor(paramSchema, "tame"));
      fc.assert(
        fc.property(hostile, (params) => {
          const before = structuredClone(params);
          const request = madeOf(method, params, config);
          expect(params).toEqual(before);
          if (request === undefined) return;

          expectAtHome(request, base);
          if (!subject.severalParts?.includes(name))
            expect(depths).toContain(partsOf(request.url).length);
        }),
        RUNS,
      );
    },
  );

  test("its probe is a read", () => {
    const { probe } = subject.plugin;
    for (const credential of subject.credentials) {
      const request = probe(config, credential);
      expectAtHome(request, base);
      expect(request.method === "GET" || isSafeRequest(methods, request, config)).toBe(true);
    }
  });
}

function describeCredentials({ plugin, sites, credentials }: PluginSubject): void {
  test.each(credentials.map((credential) => [credential.authType, credential] as const))(
    "shows a credential of %s in the headers made for it, and nowhere else",
    async (_, credential) => {
      for (const { config } of sites) {
        const requests = plugin.methods.flatMap((method) => tameRequests(method, config, 3));
        for (const request of requests) {
          const signed = await plugin.authorize(request, credential, config);
          const added = Object.keys(signed.headers).filter((name) => !HEADERS.has(name));

          expect(added.filter((name) => !CREDENTIAL_HEADERS.has(name))).toEqual([]);
          expect(added).toContain("authorization");
          expect({ ...signed, headers: {} }).toEqual({ ...request, headers: {} });
          for (const [name, value] of Object.entries(request.headers))
            expect(signed.headers[name]).toBe(value);
        }
      }
    },
  );

  test("refuses a credential that no header carries, without showing it", async () => {
    for (const credential of credentials) {
      const secret = Object.fromEntries(
        Object.entries(credential.secret).map(([name, value]) => [name, `${value}\r\nx-evil: 1`]),
      );
      const [site] = sites;
      const request = plugin.probe(site?.config ?? {}, credential);
      const signed = await Promise.resolve()
        .then(() => plugin.authorize(request, { ...credential, secret }, site?.config ?? {}))
        .catch((error: unknown) => error);

      // In base64 a line break is harmless.
      if (signed instanceof Error) {
        expect(signed).toMatchObject({ code: "AUTH_ERROR" });
        expect(signed.message).not.toContain(CANARY);
      } else {
        const headers = (signed as VendorRequest).headers;
        for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
      }
    }
  });
}

function describeAnswers({ methods, refusal }: IntegrationPlugin): void {
  test("reads a refusal out of any answer, without repeating its body", () => {
    fc.assert(
      fc.property(anAnswer(fc.integer({ min: 100, max: 599 })), (answer) => {
        const found = refusal(answer);
        if (found === undefined) {
          expect(Math.floor(answer.status / 100)).toBe(2);
          return;
        }

        expect(found.message).toMatch(/^[A-Z][\x20-\x7e]{5,300}\.$/);
        expect(found.message).not.toContain(CANARY);
        expect(found.vendorMessage ?? "").toMatch(/^\P{Cc}{0,500}$/u);
        const wait = found.retryAfterSeconds ?? 0;
        expect(Number.isInteger(wait) && wait >= 0 && wait <= 86_400).toBe(true);
        if (answer.status >= 500) expect(found.notDone).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([400, 401, 403, 404, 409, 422, 429])("after a %d the vendor did nothing", (status) => {
    expect(refusal({ status, headers: {}, body: new Uint8Array() })?.notDone).toBe(true);
  });

  test.each(methods.map((method) => [method.method.name, method] as const))(
    "%s makes data of an answer, or says that it cannot",
    (_, { data, method }) => {
      const calls = fc.tuple(anAnswer(fc.constant(200)), paramsFor(method.paramSchema, "tame"));
      fc.assert(
        fc.property(calls, ([answer, params]) => {
          try {
            const value = data(answer, { config: {} }, params);
            expect(JSON.stringify(value)).toBeTypeOf("string");
          } catch (error) {
            expect(error).toMatchObject({ code: "EXECUTION_ERROR" });
            expect((error as Error).message).not.toContain(CANARY);
          }
        }),
        RUNS,
      );
    },
  );
}

/** Undefined where the parameters are refused, by their schema or by the method. */
function madeOf(
  { method, request }: PluginMethod,
  params: Record<string, unknown>,
  config: EndpointConfig,
): VendorRequest | undefined {
  try {
    return request(params, { config });
  } catch (error) {
    // What a schema refuses never comes this far; the method may stumble over it.
    if (schemaFaults(method.paramSchema, params).length > 0) return undefined;
    expect(error).toMatchObject({ code: "VALIDATION_ERROR" });
    return undefined;
  }
}

function tameRequests(
  method: PluginMethod,
  config: EndpointConfig,
  most = 50,
): readonly VendorRequest[] {
  const tame = paramsFor(method.method.paramSchema, "tame");
  const samples = fc.sample(tame, { numRuns: 50, seed: 7 });
  const made = samples.flatMap((params) => madeOf(method, params, config) ?? []);
  expect(made.length, `no sample of ${method.method.name} makes a request`).toBeGreaterThan(0);
  return made.slice(0, most);
}

function expectAtHome({ url, headers, body }: VendorRequest, base: string): void {
  const asked = new URL(url);
  const home = new URL(base);
  const path = home.pathname.replace(/\/$/, "");

  expect(asked.origin).toBe(home.origin);
  expect([asked.username, asked.password, asked.hash]).toEqual(["", "", ""]);
  // What a server reads is what was written: nothing was folded away.
  expect(url.slice(home.origin.length).split("?")[0]).toBe(asked.pathname);
  expect(asked.pathname.startsWith(path)).toBe(true);
  expect(asked.pathname).not.toMatch(/\/(\.|%2e)(\.|%2e)?(\/|$)/i);

  for (const [name, value] of Object.entries(headers)) {
    expect(HEADERS).toContain(name);
    expect(value).toMatch(/^[\x20-\x7e]+$/);
  }
  if (/json/.test(headers["content-type"] ?? "")) expect(() => JSON.parse(`${body}`)).not.toThrow();
}

const partsOf = (url: string) => new URL(url).pathname.split("/");

function isSafeRequest(
  methods: readonly PluginMethod[],
  { url, headers }: VendorRequest,
  config: EndpointConfig,
): boolean {
  const same = (other: VendorRequest) =>
    other.url === url && other.headers["x-amz-target"] === headers["x-amz-target"];
  return methods
    .filter(({ method }) => method.safe)
    .some((method) => tameRequests(method, config, 3).some(same));
}

/** Bodies of any bytes, and JSON of any shape with the names that plugins look for. */
function anAnswer(status: fc.Arbitrary<number>): fc.Arbitrary<VendorAnswer> {
  const names = ["errors", "errorMessages", "message", "response", "issues", "values", "items"];
  const name = fc.oneof(
    fc.constantFrom(...names, "__proto__", "code", "status", "result"),
    fc.string(),
  );
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.constant(`${CANARY} \u0007`),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(name, tie("json"), { maxKeys: 4 }),
    ),
  }));

  const body = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    json.map((value) => Buffer.from(JSON.stringify(value))),
    fc.constant(Buffer.from(`<html>${CANARY}</html>`)),
  );
  const header = fc.oneof(fc.string(), fc.constantFrom("0", "-1", "1e99", "60", "soon"));
  const headers = fc.dictionary(
    fc.constantFrom("retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "date", "link"),
    header,
  );
  return fc.record({ status, headers, body });
}

/** Paths of the parameters' parts without a description or, for texts and lists, without a bound. */
function unbounded(schema: Record<string, unknown>, path = ""): string[] {
  const parts = Object.entries(
    (schema.properties ?? {}) as Record<string, Record<string, unknown>>,
  );
  return parts.flatMap(([name, part]) => {
    const at = `${path}.${name}`;
    const isText = part.type === "string" && part.enum === undefined && part.format === undefined;
    const faults = [
      path === "" && part.description === undefined && "no description",
      isText && part.maxLength === undefined && "no maxLength",
      part.type === "array" && part.maxItems === undefined && "no maxItems",
      part.type === "integer" && part.maximum === undefined && "no maximum",
    ];
    return [...faults.filter(Boolean).map((fault) => `${at}: ${fault}`), ...unbounded(part, at)];
  });
}
