import { paginateListSecrets } from "@aws-sdk/client-secrets-manager";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import {
  announceCredential,
  claimUnowned,
  listUnowned,
} from "../../adapters/dynamodb/credentials/unowned.ts";
import { createEndpoint, listEndpoints } from "../../adapters/dynamodb/endpoints/store.ts";
import { publishManifest } from "../../adapters/dynamodb/registry/connectors.ts";
import { listAllSinks } from "../../adapters/dynamodb/sinks/store.ts";
import {
  type CredentialStore,
  openCredentials,
  storeCredentials,
} from "../../adapters/secrets/credential-store.ts";
import { anEndpoint as anItem } from "../../tests/histories/nouns.ts";
import { startControlPlane } from "../../tests/stage/control-plane.ts";
import { QUOTAS } from "../../tests/stage/quotas.ts";
import { aLake } from "../../tests/stage/shop.ts";
import type { Answer } from "../runtime/answer.ts";
import type { Request } from "../runtime/request.ts";
import { sweepCredentials } from "../temporal-bridge/sweep-credentials.ts";
import { deleteEndpoint } from "./endpoints/delete-endpoint.ts";
import { patchEndpoint } from "./endpoints/patch-endpoint.ts";
import { postEndpoint } from "./endpoints/post-endpoint.ts";
import { putEndpointCredentials } from "./endpoints/put-endpoint-credentials.ts";
import { createSink } from "./sinks/create-sink.ts";
import { putSinkCredentials } from "./sinks/put-sink-credentials.ts";

const NOW = new Date();
/** When the time of everything that nobody owns is over. */
const LATER = new Date(NOW.getTime() + 25 * 3_600_000);
const config = { baseUrl: "https://shop.example" };
const credentials = { authType: "basic", secret: { user: "ann", password: "a password" } };

const place = { endpointUrl: "https://s3.example" };
const keysOfPlace = { authType: "aws_keys", secret: { key: "a key" } };

let tables: Tables;
let store: CredentialStore;
beforeAll(async () => {
  tables = await startControlPlane();
  store = openCredentials({ keyId: process.env.INLET_KMS_KEY_ID ?? "", environment: "local" });
  const secretSchema = { aws_keys: { type: "object" } };
  const vault = {
    ...aLake(),
    name: "vault",
    authTypes: ["aws_keys"],
    secretSchema,
    configSchema: { type: "object" },
  };
  await publishManifest(tables, { workerVersion: "1.0.0", connectors: [vault] });
});

interface Kill {
  /** Calls to AWS that are still answered. */
  readonly calls: number;
  /** The next one is done, but nobody lives to see it. */
  readonly done: boolean;
}

class Killed extends Error {}

/** What a handler works with in a process that dies at a call to AWS. */
function dyingDeps({ calls, done }: Kill) {
  let left = calls;
  const dying = <C extends { send: unknown }>(client: C): C =>
    new Proxy(client, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown;
        if (name !== "send") return typeof value === "function" ? value.bind(target) : value;
        return async (...sent: unknown[]) => {
          if (left-- > 0) return (value as (...sent: unknown[]) => unknown).call(target, ...sent);
          if (left === -1 && done)
            await (value as (...sent: unknown[]) => unknown).call(target, ...sent);
          throw new Killed();
        };
      },
    });
  return {
    tables: { ...tables, client: dying(tables.client) },
    credentials: { ...store, secrets: dying(store.secrets), kms: dying(store.kms) },
    defaultQuotas: QUOTAS,
    probePatienceMs: 0,
    allowPrivateNetworks: true,
    surroundings: { local: true, buckets: [] },
    platform: { environment: "local", account: "000000000000" },
    wasKilled: () => left < 0,
  };
}

type DyingDeps = ReturnType<typeof dyingDeps>;
type Act = (request: never, deps: DyingDeps) => Promise<Answer>;

const request = (tenantId: string, parts: object) =>
  ({
    operationId: "x",
    requestId: "x",
    identity: { tenantId, subject: "anna", roles: ["admin"] },
    path: {},
    query: {},
    body: undefined,
    ifMatch: undefined,
    idempotency: undefined,
    now: NOW,
    ...parts,
  }) as unknown as Request as never;

const NEVER = { calls: Number.MAX_SAFE_INTEGER, done: false };
const ofShop = { name: "Shop", connector: "shop", config };

async function anEndpoint(tenantId: string) {
  const made = await postEndpoint(
    request(tenantId, { body: { ...ofShop, credentials } }),
    dyingDeps(NEVER),
  );
  return { endpointId: (made.body as { endpointId: string }).endpointId };
}

async function aSink(tenantId: string) {
  const made = await createSink(
    request(tenantId, {
      body: { name: "Vault", type: "vault", config: place, credentials: keysOfPlace },
    }),
    dyingDeps(NEVER),
  );
  return { sinkId: (made.body as { sinkId: string }).sinkId };
}

/** What happens before, and the request that dies. */
const STORIES: Record<
  string,
  { before: (t: string) => Promise<object>; act: unknown; parts: object }
> = {
  "registers an endpoint": {
    before: async () => ({}),
    act: postEndpoint,
    parts: { body: { ...ofShop, credentials } },
  },
  "gives an endpoint other credentials by POST": {
    before: anEndpoint,
    act: postEndpoint,
    parts: { body: { ...ofShop, credentials } },
  },
  "puts other credentials": {
    before: anEndpoint,
    act: putEndpointCredentials,
    parts: { body: credentials },
  },
  "moves an endpoint with credentials": {
    before: anEndpoint,
    act: patchEndpoint,
    parts: { body: { config: { baseUrl: "https://other.example" }, credentials }, ifMatch: "*" },
  },
  "moves an endpoint without": {
    before: anEndpoint,
    act: patchEndpoint,
    parts: { body: { config: { baseUrl: "https://other.example" } }, ifMatch: "*" },
  },
  "deletes an endpoint": { before: anEndpoint, act: deleteEndpoint, parts: { ifMatch: "*" } },
  "makes a sink": {
    before: async () => ({}),
    act: createSink,
    parts: { body: { name: "Vault", type: "vault", config: place, credentials: keysOfPlace } },
  },
  "puts other credentials of a sink": {
    before: aSink,
    act: putSinkCredentials,
    parts: { body: keysOfPlace },
  },
};

async function secretsOf(tenantId: string): Promise<string[]> {
  const root = `inlet/local/${tenantId}/`;
  const names: string[] = [];
  for await (const { SecretList = [] } of paginateListSecrets({ client: store.secrets }, {})) {
    names.push(...SecretList.map(({ Name = "" }) => Name).filter((name) => name.startsWith(root)));
  }
  return names.map((name) => name.slice(root.length)).toSorted();
}

async function pointersOf(tenantId: string): Promise<string[]> {
  const { items } = await listEndpoints(tables, tenantId, { limit: 100 });
  const owners = [
    ...items.map(({ endpointId, credentialVersion }) => [endpointId, credentialVersion]),
    ...(await listAllSinks(tables, tenantId)).map(({ sinkId, credentialVersion }) => [
      sinkId,
      credentialVersion,
    ]),
  ];
  return owners
    .filter(([, version]) => version !== null)
    .map((owner) => owner.join("/"))
    .toSorted();
}

const sweepAt = (at: Date) => sweepCredentials({ tables, credentials: store, now: () => at });

describe.each(Object.entries(STORIES))("a process that %s", (name, { before, act, parts }) => {
  it.each([false, true])(
    "leaves no secret without an owner, wherever it dies (what it did last was done: %s)",
    async (done) => {
      let died = 0;
      for (let calls = 0; ; calls++) {
        const tenantId = `crash-${Object.keys(STORIES).indexOf(name)}-${Number(done)}-${calls}`;
        const path = await before(tenantId);
        const deps = dyingDeps({ calls, done });
        await (act as Act)(request(tenantId, { path, ...parts }), deps).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
        });

        // While a request may still be at work, nothing of it is removed.
        const pointed = await pointersOf(tenantId);
        await sweepAt(NOW);
        expect(await secretsOf(tenantId)).toEqual(expect.arrayContaining(pointed));
        await sweepAt(LATER);
        expect(await pointersOf(tenantId)).toEqual(pointed);
        expect(await secretsOf(tenantId)).toEqual(pointed);
        expect(await listUnowned(tables, tenantId)).toEqual([]);
        if (!deps.wasKilled()) break;
        died++;
      }
      expect(died).toBeGreaterThan(1);
    },
  );
});

it("a sweep that dies is finished by the next, and takes nothing from a slow request", async () => {
  const tenantId = "crash-sweep";
  await postEndpoint(
    request(tenantId, { body: { ...ofShop, credentials } }),
    dyingDeps({ calls: 7, done: true }),
  ).catch(() => 0);
  for (let calls = 0; calls < 6; calls++) {
    const { tables: dying, credentials: dyingStore } = dyingDeps({ calls, done: calls % 2 === 0 });
    await sweepCredentials({ tables: dying, credentials: dyingStore, now: () => LATER }).catch(
      () => 0,
    );
  }
  await sweepAt(LATER);
  expect([await secretsOf(tenantId), await listUnowned(tables, tenantId)]).toEqual([[], []]);

  const endpoint = { ...anItem(tenantId), authType: "basic", credentialVersion: "v1" };
  const address = { tenantId, ownerId: endpoint.endpointId, versionId: "v1" };
  await announceCredential(tables, address, NOW);
  await storeCredentials(store, address, credentials);
  expect(await claimUnowned(tables, address, LATER)).toBe(true);
  await expect(createEndpoint(tables, endpoint, "anna")).rejects.toMatchObject({
    code: "CONFLICT",
  });
});
