/** Things that must fit a place, whatever they hold. */
import { createHash } from "node:crypto";

type Thing = Record<string, unknown>;

/**
 * The thing with at most so many bytes of JSON: its largest members give way, each to `{omitted:
 * {sha256, bytes}}`, until the rest fits. What is omitted can be told apart, but not
 * read.
 */
export function fitting(thing: unknown, mostBytes: number): unknown {
  if (bytesOf(thing) <= mostBytes) return thing;
  if (!isThing(thing)) return omitted(thing);
  const bySize = Object.keys(thing).sort((a, b) => bytesOf(thing[b]) - bytesOf(thing[a]));
  const left: Thing = { ...thing };
  for (const name of bySize) {
    left[name] = omitted(thing[name]);
    if (bytesOf(left) <= mostBytes) break;
  }
  return left;
}

const isThing = (value: unknown): value is Thing =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function omitted(value: unknown): Thing {
  const json = JSON.stringify(value) ?? "";
  return {
    omitted: {
      sha256: createHash("sha256").update(json).digest("hex"),
      bytes: Buffer.byteLength(json),
    },
  };
}

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value) ?? "");
