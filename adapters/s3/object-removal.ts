import {
  DeleteObjectsCommand,
  paginateListObjectsV2,
  type S3Client,
  type _Object as StoredObject,
} from "@aws-sdk/client-s3";

/** A bucket to remove objects from. */
export interface ObjectStore {
  readonly client: S3Client;
  readonly bucket: string;
}

/**
 * Removes every object under the prefix, which ends with the slash that keeps it from meaning its
 * longer neighbours, too.
 */
export async function removeObjects(
  { client, bucket }: ObjectStore,
  prefix: string,
): Promise<void> {
  if (!prefix.endsWith("/")) throw new Error(`The prefix ${prefix} must end with a slash.`);
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client },
    { Bucket: bucket, Prefix: prefix },
  )) {
    await removeListed({ client, bucket }, Contents);
  }
}

/** Removes one object; one that is gone is no error. */
export function removeObject(store: ObjectStore, key: string): Promise<void> {
  return removeListed(store, [{ Key: key }]);
}

/** The parts of keys between the prefix and the next slash: folders, if keys were paths. */
export async function listFolders(
  { client, bucket }: ObjectStore,
  prefix: string,
): Promise<string[]> {
  const folders: string[] = [];
  const input = { Bucket: bucket, Prefix: prefix, Delimiter: "/" };
  for await (const { CommonPrefixes = [] } of paginateListObjectsV2({ client }, input)) {
    for (const { Prefix = "" } of CommonPrefixes) folders.push(Prefix.slice(prefix.length, -1));
  }
  return folders;
}

/** A list has at most 1,000 keys, as many as one request deletes. */
async function removeListed(
  { client, bucket }: ObjectStore,
  objects: readonly StoredObject[],
): Promise<void> {
  if (objects.length === 0) return;
  const Delete = { Objects: objects.map(({ Key = "" }) => ({ Key })), Quiet: true };
  const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }));
  if (Errors.length > 0)
    throw new Error(`S3 kept ${Errors.length} of ${objects.length} objects (${Errors[0]?.Code}).`);
}
