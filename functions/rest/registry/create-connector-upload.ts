import { ulid } from "ulid";
import { objectUrl, signedUrl } from "../../../adapters/s3/signed-url.ts";
import { connectorUploadKey } from "../../../schemas/names.ts";
import type { CreateConnectorUpload } from "../../../schemas/operations/registry.ts";
import type { Answer } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

/** Long enough for a hundred megabytes on a slow line. */
const SECONDS = 900;

/** The length is signed with the link: another one is refused by the store. */
export async function createConnectorUpload(
  { body, identity, now }: Request<typeof CreateConnectorUpload>,
  { staging }: Pick<Deps, "staging">,
): Promise<Answer> {
  const uploadId = `upl_${ulid(now.getTime())}`;
  const signer = await staging.signer();
  const key = connectorUploadKey(identity.tenantId, uploadId);
  const url = objectUrl(staging.bucket, key, signer.region, staging.endpoint);
  const headers = {
    "content-length": String(body.bytes),
    "content-type": "application/json",
  };

  return {
    status: 201,
    body: {
      uploadId,
      url: await signedUrl(url, signer, now, SECONDS, { method: "PUT", headers }),
      headers,
      expiresAt: new Date(now.getTime() + SECONDS * 1000).toISOString(),
    },
  };
}
