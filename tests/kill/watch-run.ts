/**
 * Where a run of the issues unit stands, asked of the tables and the lake themselves: the moments
 * are shorter than a poll of the API.
 */
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { type Key, keys } from "../../adapters/dynamodb/keys.ts";
import { readStack } from "../../local/stack-file.ts";
import { ENV } from "../../schemas/names.ts";
import { workerEnvironment } from "../stage/stack/staging.ts";

export const MOMENTS = ["reading", "pending", "committed"] as const;
/**
 * `reading`: half of the pages are read; `pending`: the slice is noted before its commit;
 * `committed`: it is in the lake.
 */
export type Moment = (typeof MOMENTS)[number];

export interface Watched {
  readonly runId: string;
  readonly slug: string;
  /** Pages of issues that the site has served to the run. */
  readonly pages: () => number;
  readonly halfOfPages: number;
}

const LOOK_EVERY_MILLIS = 5;
const MOMENT_SECONDS = 120;

/** Returns as soon as the moment has come; throws when it does not come within two minutes. */
export async function reach(moment: Moment, run: Watched): Promise<void> {
  const has = { reading: isReading, pending: isPending, committed: isCommitted }[moment];
  const until = Date.now() + MOMENT_SECONDS * 1000;
  while (!(await has(run))) {
    if (Date.now() > until)
      throw new Error(`${run.runId} was not ${moment} within ${MOMENT_SECONDS} s.`);
    await pause(LOOK_EVERY_MILLIS);
  }
}

function isReading({ pages, halfOfPages }: Watched): boolean {
  return pages() >= halfOfPages;
}

/** An item of the control table as it is now; undefined when there is none. */
export async function controlItem({ pk, sk }: Key): Promise<Record<string, unknown> | undefined> {
  const TableName = workerEnvironment("pythonWorker")[ENV.controlTable];
  return (await tables().send(new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true })))
    .Item;
}

async function isPending({ runId }: Watched): Promise<boolean> {
  const Item = await controlItem(keys.run("demo", runId));
  return Item?.pendingSlice !== undefined && Item.pendingSlice !== null;
}

/** The table's first metadata file makes it, the second is its first commit. */
export function isCommitted({ slug }: Pick<Watched, "slug">): boolean {
  const file = (readStack().lake.uri ?? "").replace("sqlite:///", "");
  // The worker may be in the middle of a write: wait for it, as every reader of the catalogue does.
  const database = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
  try {
    const sql =
      "SELECT metadata_location FROM iceberg_tables " +
      "WHERE table_namespace = ? AND table_name = 'issues'";
    const location = String(database.prepare(sql).get(slug)?.metadata_location ?? "");
    return /\/0*[1-9]\d*-[^/]+$/.test(location);
  } finally {
    database.close();
  }
}

let documents: DynamoDBDocumentClient | undefined;
function tables(): DynamoDBDocumentClient {
  const { AWS_ENDPOINT_URL: endpoint = "", AWS_REGION: region = "" } =
    workerEnvironment("pythonWorker");
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  documents ??= DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region, credentials }));
  return documents;
}
