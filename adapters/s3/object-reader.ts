import { parseXML } from "@aws-sdk/xml-builder";
import { DomainError } from "../../schemas/errors.ts";
import { objectUrl, type Signer, signedUrl } from "./signed-url.ts";

/** Reads one bucket: fetches, lists and links its objects. */
export interface ObjectReader {
  readonly bucket: string;
  readonly signer: () => Promise<Signer>;
  /** Set where S3 is not AWS's. */
  readonly endpoint?: string | undefined;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
}

const READ_SECONDS = 60;
/** A preview is 100 rows at most; more than this is not one. */
const LARGEST_BYTES = 5_000_000;

/** The object's JSON; throws `NOT_FOUND` when it is gone. */
export async function readJson(reader: ObjectReader, key: string): Promise<unknown> {
  const answer = await fetch(await linkTo(reader, key, new Date(), READ_SECONDS), {
    signal: AbortSignal.timeout(10_000),
  });

  if (answer.status === 404)
    throw new DomainError("NOT_FOUND", "The result has expired. Ask again.");
  if (!answer.ok)
    throw new Error(`S3 answered ${answer.status} for an object of ${reader.bucket}.`);
  if (Number(answer.headers.get("content-length") ?? 0) > LARGEST_BYTES) {
    throw new DomainError(
      "PAYLOAD_TOO_LARGE",
      "The result is larger than 5 MB. Ask for fewer rows.",
    );
  }

  return answer.json();
}

/** Whether the object is there. */
export async function hasObject(reader: ObjectReader, key: string): Promise<boolean> {
  const answer = await fetch(await linkTo(reader, key, new Date(), READ_SECONDS), {
    headers: { range: "bytes=0-0" },
    signal: AbortSignal.timeout(10_000),
  });
  await answer.body?.cancel();
  if (answer.status === 404) return false;
  if (answer.ok || answer.status === 416) return true;
  throw new Error(`S3 answered ${answer.status} for an object of ${reader.bucket}.`);
}

/** A signed link to the object: whoever has it may read, for so many seconds. */
export async function linkTo(
  reader: ObjectReader,
  key: string,
  now: Date,
  seconds: number,
): Promise<string> {
  const signer = await reader.signer();
  return signedUrl(
    objectUrl(reader.bucket, key, signer.region, reader.endpoint),
    signer,
    now,
    seconds,
  );
}

/** Objects under the prefix, by key; throws `CONFLICT` when there are more than `most`. */
export async function listObjects(
  reader: ObjectReader,
  prefix: string,
  most: number,
): Promise<ListedObject[]> {
  const { objects, more } = await listFrom(reader, prefix, { most });
  if (!more) return objects;
  throw new DomainError(
    "CONFLICT",
    `The artifact has more than ${most} files. Read it where it lies instead.`,
  );
}

/** The first objects under the prefix whose key comes after `after`, and whether there are more. */
export async function listFrom(
  reader: ObjectReader,
  prefix: string,
  { after = "", most }: { readonly after?: string; readonly most: number },
): Promise<{ objects: ListedObject[]; more: boolean }> {
  const signer = await reader.signer();
  const url = objectUrl(reader.bucket, "", signer.region, reader.endpoint);
  const from = after ? { "start-after": after } : {};
  url.search = new URLSearchParams({
    "list-type": "2",
    prefix,
    "max-keys": String(most + 1),
    ...from,
  }).toString();
  const answer = await fetch(await signedUrl(url, signer, new Date(), READ_SECONDS), {
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`S3 answered ${answer.status} to a list of ${reader.bucket}.`);

  const found = objectsIn(await answer.text());
  return { objects: found.slice(0, most), more: found.length > most };
}

interface ListAnswer {
  readonly ListBucketResult: { readonly Contents?: Listed | readonly Listed[] } | "";
}
/** Every text is a string, a number's too. */
interface Listed {
  readonly Key: string;
  readonly Size: string;
}

/** One element of a name is an object, several are a list. */
function objectsIn(xml: string): ListedObject[] {
  const { ListBucketResult: result } = parseXML(xml) as ListAnswer;
  const contents = (result === "" ? undefined : result.Contents) ?? [];
  return [contents].flat().map(({ Key, Size }) => ({ key: Key, bytes: Number(Size) }));
}
