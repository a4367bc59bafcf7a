import * as z from "zod";
import { getDataset } from "../../../adapters/dynamodb/catalog/datasets.ts";
import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { readJson } from "../../../adapters/s3/object-reader.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { PreviewDataset } from "../../../schemas/operations/datasets.ts";
import { Json } from "../../../schemas/scalars.ts";
import { askProbe, type ProbeDeps } from "../../commands/ask-probe.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { probeAnswer } from "../../runtime/probe-answer.ts";
import type { Request } from "../../runtime/request.ts";

const Rows = z.array(Json);

/** The rows are in the object that the data plane wrote: a probe item would not hold them. */
export async function previewDataset(
  { path, query, identity, now }: Request<typeof PreviewDataset>,
  deps: ProbeDeps & Pick<Deps, "staging">,
): Promise<Answer> {
  const { tenantId } = identity;
  const { datasetId, endpointId } = await getDataset(deps.tables, tenantId, path.datasetId, []);
  const { enabled } = await getEndpoint(deps.tables, tenantId, endpointId);
  if (!enabled)
    throw new DomainError(
      "ENDPOINT_DISABLED",
      "The endpoint is disabled. Enable it to preview its data.",
    );

  const question = { tenantId, kind: "PREVIEW", subject: datasetId, limit: query.limit } as const;
  const probe = await askProbe(deps, question, now);
  if (probe.finishedAt === null) return probeAnswer(probe);
  if (probe.error) throw new DomainError(probe.error.code, probe.error.message);
  const rows = Rows.parse(await readJson(deps.staging, z.string().parse(probe.result?.key)));
  return ok({ datasetId, rows: rows.slice(0, query.limit) });
}
