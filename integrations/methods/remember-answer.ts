/**
 * Answers of methods that change nothing, kept by tenant, endpoint, connector's version, method,
 * parameters and credential version, sealed, in `hot`. Whatever changes something through the
 * endpoint empties them. Off unless `cacheSeconds` or a fallback says so.
 */
import {
  type AnswerPlace,
  findAnswer,
  forgetAnswers,
  keepAnswer,
} from "../../adapters/dynamodb/methods/answers.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { methodSettings } from "../../core/effective-settings.ts";
import type { MethodSettings } from "../../schemas/operations-settings.ts";
import type { MethodDeps } from "./call.ts";
import { nameOf, openJson, type SealedFor, sealJson } from "./sealing.ts";
import type { Target, Trace } from "./trace.ts";

/** An item holds 400 kB; a larger answer is asked for again. */
const LARGEST_BYTES = 300_000;

/** An answer from before, and where one of now is kept. */
export interface Remembered {
  readonly data: unknown;
  readonly ageMs: number;
}
export interface Memory {
  readonly known: Remembered | undefined;
  readonly keep: (data: unknown) => Promise<void>;
}

/** Undefined where nothing of the method is kept. */
export async function recall(
  deps: MethodDeps,
  trace: Trace,
  target: Target,
): Promise<Memory | undefined> {
  const seconds = keptSeconds(target);
  if (!target.method.safe || seconds === 0) return undefined;

  const { tenantId, endpointId } = target.instance.endpoint;
  const owner = { tenantId, endpointId, as: "answer" };
  const place = {
    tenantId,
    endpointId,
    name: nameOf(deps.sealingKey, owner, asked(trace, target)),
  };
  const { answer, epoch } = await findAnswer(deps.tables, place, deps.now());
  const data = answer && openJson(deps.sealingKey, owner, answer.sealed);

  return {
    known: answer && data !== undefined ? { data, ageMs: answer.ageMs } : undefined,
    keep: (value) => keep(deps, owner, { place, epoch, seconds }, value),
  };
}

/** Whether an answer from before will do, as the method is set. */
export const isFresh = ({ ageMs }: Remembered, { settings }: Target): boolean =>
  ageMs < settings.cacheSeconds * 1000;

/**
 * To be called before and after what changes something: before, so that a crash leaves nothing old;
 * after, since a reading of meanwhile may have kept what was before.
 */
export async function forget(deps: MethodDeps, target: Target): Promise<void> {
  if (target.method.safe || !keepsAnything(deps, target)) return;
  const { tenantId, endpointId } = target.instance.endpoint;
  await forgetAnswers(deps.tables, tenantId, endpointId, deps.now());
}

function asked({ call }: Trace, { instance, method }: Target): string {
  const { connector, connectorVersion, credentialVersion } = instance.endpoint;
  const identity = [connector, connectorVersion, credentialVersion, method.name];
  return canonicalJson([...identity, call.params]);
}

async function keep(
  { tables, sealingKey, now }: MethodDeps,
  owner: SealedFor,
  { place, epoch, seconds }: { place: AnswerPlace; epoch: number; seconds: number },
  value: unknown,
): Promise<void> {
  const sealed = sealJson(sealingKey, owner, value);
  if (sealed.length > LARGEST_BYTES) return;
  await keepAnswer(tables, place, { sealed, epoch, seconds }, now());
}

/** For repetitions, and for when the vendor is away. */
function keptSeconds({ instance, method, settings }: Target): number {
  const { fallback = [] } = methodSettings(instance.settings, method.name);
  const away = fallback.map((one) => ("cachedSeconds" in one ? one.cachedSeconds : 0));
  return Math.max(settings.cacheSeconds, ...away);
}

/** Whether any level lets any method of the endpoint be answered from before. */
function keepsAnything({ operations }: MethodDeps, { definition, instance }: Target): boolean {
  const { settings } = instance;
  const methods = Object.values(settings.methods ?? {});
  const levels: MethodSettings[] = [operations, definition.operations ?? {}, settings, ...methods];
  return levels.some(
    (one) =>
      (one.cacheSeconds ?? 0) > 0 || (one.fallback ?? []).some((each) => "cachedSeconds" in each),
  );
}
