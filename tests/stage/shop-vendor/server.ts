/**
 * A vendor that keeps state, on a port of loopback: orders that can be listed, read, placed,
 * changed and paid. It does what it is told to wrongly (`faults`), after it has done what was
 * asked, too.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of the next requests, in their order; `undefined` goes well. */
export type Fault =
  | { readonly kind: "silent"; readonly done: boolean }
  | { readonly kind: "cut"; readonly done: boolean }
  | {
      readonly kind: "status";
      readonly status: number;
      readonly done?: boolean;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  | undefined;

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly key: string | undefined;
}

export interface ShopVendor {
  readonly url: string;
  readonly seen: Seen[];
  readonly orders: Map<string, { id: string; item: string; paid: number }>;
  /** Tokens that it takes. */
  readonly tokens: Set<string>;
  faults: Fault[];
  /** Whatever it is asked. */
  always: Fault;
  close: () => Promise<void>;
}

export async function startShopVendor(): Promise<ShopVendor> {
  const shop = {
    seen: [] as Seen[],
    orders: new Map<string, { id: string; item: string; paid: number }>(),
    tokens: new Set(["token-one"]),
    faults: [] as Fault[],
    always: undefined as Fault,
  };
  const paid = new Set<string>();

  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const key = header(request, "idempotency-key");
    const { method = "", url: path = "" } = request;
    const authorization = request.headers.authorization;
    shop.seen.push({ method, path, authorization, key });
    const fault = shop.faults.length > 0 ? shop.faults.shift() : shop.always;

    if (!shop.tokens.has((authorization ?? "").replace("Bearer ", "")))
      return answer(response, 401, { error: `no such token: ${authorization}` });
    if (fault && !fault.done) return misbehave(response, fault);
    const done = act(method, path, body, key);
    if (fault) return misbehave(response, fault);
    answer(response, done.status, done.body);
  });

  function act(method: string, path: string, body: string, key: string | undefined) {
    const [, , id = "", verb] = path.split("?")[0]?.split("/") ?? [];
    if (method === "GET" && id === "") return { status: 200, body: [...shop.orders.values()] };
    if (method === "POST" && verb === "pay") {
      const order = shop.orders.get(id);
      if (!order) return { status: 404, body: { error: "no such order" } };
      if (key === undefined || !paid.has(key)) order.paid++;
      if (key !== undefined) paid.add(key);
      return { status: 200, body: order };
    }
    if (method === "POST") {
      const order = { id: String(shop.orders.size + 1), paid: 0, ...JSON.parse(body) };
      shop.orders.set(order.id, order);
      return { status: 201, body: order };
    }
    if (method === "PUT") {
      const order = { id, paid: 0, ...JSON.parse(body) };
      shop.orders.set(id, order);
      return { status: 200, body: order };
    }
    const order = shop.orders.get(id);
    return order ? { status: 200, body: order } : { status: 404, body: { error: "no such order" } };
  }

  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  return Object.assign(shop, { url: `http://127.0.0.1:${port}`, close });
}

function misbehave(response: ServerResponse, fault: NonNullable<Fault>): void {
  if (fault.kind === "silent") return;
  if (fault.kind === "cut") {
    response.destroy();
    return;
  }
  response.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
  response.end(fault.body ?? "{}");
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}

const header = (request: IncomingMessage, name: string) => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};
