/**
 * Where a sink may be. A place has one spelling, so that comparing it with ours is comparing text.
 * The same law as the data plane's `sinks/places.py`, held together by
 * `schemas/examples/sink-places/vectors.json`.
 */
const LONGEST = 300;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Names that S3 gives to no bucket: aliases of what is somebody's bucket already, or addresses. */
const RESERVED = new RegExp(
  [
    /^(?:xn--|sthree-|amzn-s3-demo-)/,
    /(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/,
    /\.\.|\.-|-\./,
    /^[0-9]+(?:\.[0-9]+){3}$/,
  ]
    .map(({ source }) => source)
    .join("|"),
);
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9_=.-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const LOCAL = /^file:\/\/\/[^?#%\u0000-\u001f\u007f]+$/;

/**
 * What a sink's config is judged by: whether it is one machine's own environment, and the
 * platform's buckets.
 */
export interface Surroundings {
  readonly local: boolean;
  readonly buckets: readonly string[];
}

export type PlaceFault = "form" | "ours" | "local";

export const PLACE_MESSAGES: Readonly<Record<PlaceFault, string>> = {
  form:
    "must be s3://bucket or s3://bucket/prefix: a bucket's own name, then letters, digits and _ " +
    "= . - between single slashes, and none at the end",
  ours: "must name a bucket of yours",
  local:
    "must be in a bucket (s3://bucket/prefix): files of one machine are for the local environment",
};

/** Why a sink may not be there; undefined where it may. */
export function placeFault(text: string, { local, buckets }: Surroundings): PlaceFault | undefined {
  if ([...text].length > LONGEST) return "form";
  if (text.startsWith("file:")) {
    if (!local) return "local";
    return LOCAL.test(text) ? undefined : "form";
  }
  if (!text.startsWith("s3://")) return "form";

  const [bucket = "", ...segments] = text.slice("s3://".length).split("/");
  if (!BUCKET.test(bucket) || RESERVED.test(bucket)) return "form";
  if (!segments.every((segment) => SEGMENT.test(segment))) return "form";
  return buckets.includes(bucket) ? "ours" : undefined;
}
