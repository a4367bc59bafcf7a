import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { putMethods, removeMethods } from "../../../adapters/dynamodb/registry/methods.ts";
import {
  finishRegistration,
  type StoredRegistration,
  showRegistration,
} from "../../../adapters/dynamodb/registry/registrations.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { ReadDocument } from "../openapi/read-document.ts";
import { connectorOf } from "./connector-of.ts";

/** What is shown of refused operations. */
const REFUSED_SHOWN = 500;

/**
 * Writes what was read: every method, then the connector with the word that all is there. Answers
 * the registration. Throws `CONFIG_INVALID` where nothing of it can be called, `QUOTA_EXCEEDED`, or
 * `CONFLICT` where another attempt took over; nothing that anybody sees was written then.
 */
export async function publishConnector(
  tables: Tables,
  registration: StoredRegistration,
  read: ReadDocument,
  { limit, now }: { readonly limit: number | undefined; readonly now: () => Date },
): Promise<StoredRegistration> {
  const { owner, input } = registration;
  const { name, version } = input;
  if (read.methods.length === 0) throw nothingLeft(read);

  await putMethods(tables, { owner, connector: name, version }, read.methods);
  const at = now().toISOString();
  const finished: StoredRegistration = {
    ...registration,
    shown: { ...registration.shown, ...figuresOf(read), status: "READY", finishedAt: at },
  };
  await finishRegistration(tables, finished, connectorOf(input, read), { limit, at });
  return finished;
}

/** Says why it failed, and removes what was written of it. */
export async function failRegistration(
  tables: Tables,
  registration: StoredRegistration,
  { code, message }: { readonly code: string; readonly message: string },
  now: Date,
): Promise<void> {
  const { owner, input, shown } = registration;
  const failed = {
    ...registration,
    shown: {
      ...shown,
      status: "FAILED" as const,
      error: { code, message },
      finishedAt: now.toISOString(),
    },
  };

  // Of a version that another attempt took over, nothing is this one's to remove.
  const { name: connector, version } = input;
  if (await showRegistration(tables, registration))
    await removeMethods(tables, { owner, connector, version });
  await showRegistration(tables, failed);
}

function figuresOf({ methods, refused }: ReadDocument) {
  const total = methods.length + refused.length;
  const refusedByReason: Record<string, number> = {};
  for (const { reason } of refused) refusedByReason[reason] = (refusedByReason[reason] ?? 0) + 1;
  return {
    operationsRead: total,
    operations: total,
    methods: methods.length,
    refused: refused.length,
    refusedByReason,
    refusedOperations: refused.slice(0, REFUSED_SHOWN).map((one) => ({ ...one })),
  };
}

function nothingLeft({ refused }: ReadDocument): DomainError {
  const [first] = refused;
  const why = first ? `${first.operation}: ${first.detail}` : "It has no operations.";
  return new DomainError("CONFIG_INVALID", `Nothing of the document can be called. ${why}`, {
    errors: refused.slice(0, 50).map(({ operation, detail }) => ({
      path: operation.slice(0, 200),
      message: detail,
    })),
  });
}
