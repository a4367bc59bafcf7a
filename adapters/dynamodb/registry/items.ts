import { deflateSync, inflateSync } from "node:zlib";
import * as z from "zod";
import type { MethodWords } from "../../../core/connector-search.ts";
import { Connector } from "../../../schemas/connector.ts";
import { CallTemplate } from "../../../schemas/http-connector.ts";
import { Method } from "../../../schemas/method.ts";
import type { Item } from "../client.ts";
import { type ConnectorOwner, keys } from "../keys.ts";

const shown = z.object(Connector.shape);

/** `setStatus`: what somebody set, which outlives a manifest that is published again. */
export const toConnector = ({ setStatus, ...item }: Item): Connector =>
  shown.parse({ ...item, ...(setStatus !== undefined && { status: setStatus }) });

/** Its methods are items of their own. */
export const connectorItem = (
  owner: ConnectorOwner,
  { methods, ...connector }: Connector,
): Item => ({
  ...keys.connector(owner, connector.name, connector.version),
  entity: "connector",
  ...connector,
  ...(methods && { methodCount: methods.length }),
});

/** A method as the registry has it. */
export interface RegisteredMethod {
  readonly method: Method;
  /** How it is called, where the connector is interpreted (`Connector.http`). */
  readonly call: CallTemplate | null;
}

const Registered = z.object({ method: z.object(Method.shape), call: CallTemplate.nullable() });

/** Nobody asks for a part of it, and schemas shrink to a tenth. */
export const methodItem = (
  owner: ConnectorOwner,
  connector: string,
  version: string,
  { method, call }: RegisteredMethod,
): Item => ({
  ...keys.method(owner, connector, version, method.name),
  entity: "method",
  packed: packed({ method, call }),
});

export const toMethod = ({ packed: bytes }: Item): RegisteredMethod =>
  Registered.parse(unpacked(bytes));

const Words: z.ZodType<MethodWords> = z.strictObject({
  name: z.string(),
  title: z.string(),
  about: z.string(),
  resource: z.string().nullable(),
  safe: z.boolean(),
});

/** Of a description. Where there are many methods, their titles have to do. */
const ABOUT = 120;
const MANY = 1500;

export const methodWordsItem = (
  owner: ConnectorOwner,
  connector: string,
  version: string,
  methods: readonly Method[],
): Item => ({
  ...keys.methodWords(owner, connector, version),
  entity: "method-words",
  connector,
  version,
  packed: packed(
    methods.map(
      ({ name, title, description, resource, safe }): MethodWords => ({
        name,
        title,
        about: methods.length > MANY ? "" : description.slice(0, ABOUT).toWellFormed(),
        resource: resource ?? null,
        safe,
      }),
    ),
  ),
});

export const toMethodWords = ({ packed: bytes }: Item): MethodWords[] =>
  z.array(Words).parse(unpacked(bytes));

const packed = (value: unknown) => deflateSync(JSON.stringify(value));
/** What is packed is at most some megabytes: the publisher sees to it. */
const LARGEST = 16_000_000;
const unpacked = (bytes: unknown): unknown =>
  JSON.parse(inflateSync(bytes as Uint8Array, { maxOutputLength: LARGEST }).toString("utf8"));
