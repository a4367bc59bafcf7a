/**
 * Answers of methods that are kept for a while, sealed (`integrations/methods/sealing.ts`). An
 * endpoint has a fixed number of places; what falls on a taken one replaces it, so that no caller
 * can fill the table. An answer is good as long as the endpoint's epoch is the one it was asked in:
 * a write raises it.
 */
import * as z from "zod";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { findItems } from "../table/find.ts";
import { put, update, write } from "../table/write.ts";

export interface AnswerPlace {
  readonly tenantId: string;
  readonly endpointId: string;
  /** Of the call: the first bytes say the place, all of it that it is this call's answer. */
  readonly name: Buffer;
}

const PLACES = 1024;
const EPOCH_SECONDS = 3 * 86_400;

const Stored = z.object({
  name: z.string(),
  epoch: z.number(),
  keptAt: z.number(),
  ttl: z.number(),
  sealed: z.instanceof(Uint8Array),
});

export interface KeptAnswer {
  readonly sealed: Uint8Array;
  readonly ageMs: number;
}

/** The answer, if it is good, and the epoch that an answer of this moment is kept in. */
export async function findAnswer(
  tables: Tables,
  place: AnswerPlace,
  now: Date,
): Promise<{ answer: KeptAnswer | undefined; epoch: number }> {
  const { tenantId, endpointId } = place;
  const items = await findItems(tables, [keyOf(place), keys.answersEpoch(tenantId, endpointId)], {
    table: tables.hot,
  });
  const epoch = Number(items.find(({ entity }) => entity === "answers-epoch")?.epoch ?? 0);
  const found = Stored.safeParse(items.find(({ entity }) => entity === "method-answer")).data;

  const good =
    found &&
    found.name === place.name.toString("base64url") &&
    found.epoch === epoch &&
    found.ttl > now.getTime() / 1000;
  return {
    answer: good ? { sealed: found.sealed, ageMs: now.getTime() - found.keptAt } : undefined,
    epoch,
  };
}

export async function keepAnswer(
  tables: Tables,
  place: AnswerPlace,
  answer: { readonly sealed: Uint8Array; readonly epoch: number; readonly seconds: number },
  now: Date,
): Promise<void> {
  const { sealed, epoch, seconds } = answer;
  const item = {
    ...keyOf(place),
    entity: "method-answer",
    name: place.name.toString("base64url"),
    epoch,
    keptAt: now.getTime(),
    ttl: Math.floor(now.getTime() / 1000) + seconds,
    sealed,
  };
  await write(tables, put(tables.hot, item));
}

/** Whatever was kept of the endpoint until now is answered no more. */
export async function forgetAnswers(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  now: Date,
): Promise<void> {
  const key = keys.answersEpoch(tenantId, endpointId);
  // Longer than any answer is kept: an epoch that began anew would make old ones good.
  const ttl = Math.floor(now.getTime() / 1000) + EPOCH_SECONDS;
  const change = { set: { entity: "answers-epoch", ttl }, raise: { epoch: { by: 1, from: 0 } } };
  await write(tables, update(tables.hot, key, change));
}

const keyOf = ({ tenantId, endpointId, name }: AnswerPlace) =>
  keys.methodAnswer(tenantId, endpointId, name.readUInt16BE(0) % PLACES);
