import { setImmediate as breathe } from "node:timers/promises";
import {
  findRegistration,
  type StoredRegistration,
  showRegistration,
} from "../../adapters/dynamodb/registry/registrations.ts";
import { findTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { removeObject } from "../../adapters/s3/object-removal.ts";
import { jsonTextFault } from "../../core/json-bounds.ts";
import { tenantLimits } from "../../core/tenant-limits.ts";
import { BOUNDS } from "../../integrations/http/openapi/bounds.ts";
import { type ReadDocument, readInSteps } from "../../integrations/http/openapi/read-document.ts";
import { publishConnector } from "../../integrations/http/registering/publish-connector.ts";
import type { ConnectorRegistrationInput } from "../../schemas/connector-registration.ts";
import { DomainError } from "../../schemas/errors.ts";
import { connectorUploadKey } from "../../schemas/names.ts";
import type { DeletionDeps } from "./deps.ts";

type Needs = Pick<
  DeletionDeps,
  "tables" | "defaultQuotas" | "allowPrivateNetworks" | "readStaged" | "staging" | "now"
>;

/** Shown after so many operations. */
const SHOWN_EVERY = 100;

/**
 * Reads the document that was uploaded, and publishes its connector. One document at a time is in
 * memory. Called again, it begins anew; done before, or taken over by another attempt, it does
 * nothing. Throws `CONFIG_INVALID` where nothing of the document can be called, `QUOTA_EXCEEDED`.
 */
export function readConnectorDocument(
  deps: Needs,
  input: ConnectorRegistrationInput,
  beat: () => void,
): Promise<void> {
  const turn = last.then(() => readOne(deps, input, beat));
  last = turn.catch(() => undefined);
  return turn;
}

let last: Promise<void> = Promise.resolve();

async function readOne(
  deps: Needs,
  input: ConnectorRegistrationInput,
  beat: () => void,
): Promise<void> {
  const registration = await openRegistration(deps, input);
  if (!registration) return;
  const { tables, defaultQuotas, now } = deps;
  const key = connectorUploadKey(input.tenantId, registration.input.uploadId ?? "");

  beat();
  const document = parsed(await deps.readStaged(key, BOUNDS.documentBytes));
  beat();
  const read = await readBreathing(deps, registration, document, beat);

  const { quotas } = tenantLimits(await findTenant(tables, input.tenantId), defaultQuotas);
  await publishConnector(tables, registration, read, { limit: quotas.connectors, now });
  await removeObject(deps.staging, key);
}

/** The registration as this attempt's, being read; undefined where there is nothing to do. */
async function openRegistration(
  { tables }: Needs,
  { owner, name, version, claim }: ConnectorRegistrationInput,
): Promise<StoredRegistration | undefined> {
  const found = await findRegistration(tables, owner, name, version);
  if (found?.claim !== claim || found.shown.finishedAt !== null) return undefined;
  const reading = { ...found, shown: { ...found.shown, status: "READING" as const } };
  return (await showRegistration(tables, reading)) ? reading : undefined;
}

/** Deeper than any document nests, and more values than its bytes can be. */
const TEXT = { deepest: 500, mostValues: BOUNDS.documentBytes };

function parsed(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  const fault = jsonTextFault(text, TEXT);
  if (fault) throw invalid(`It ${fault}.`);
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("It is not JSON. Check its syntax, and convert YAML to JSON.");
  }
}

const invalid = (message: string) =>
  new DomainError("CONFIG_INVALID", `The document is refused. ${message}`);

/** Other activities of the worker go on between the operations. */
async function readBreathing(
  { tables, allowPrivateNetworks }: Needs,
  registration: StoredRegistration,
  document: unknown,
  beat: () => void,
): Promise<ReadDocument> {
  const { baseUrl, auth } = registration.input;
  const steps = readInSteps(document, { rules: { allowPrivateNetworks }, baseUrl, auth });

  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    const { read, of } = step.value;
    if (read % SHOWN_EVERY !== 1) continue;
    beat();
    const shown = { ...registration.shown, operationsRead: read, operations: of };
    await showRegistration(tables, { ...registration, shown });
    await breathe();
  }
}
