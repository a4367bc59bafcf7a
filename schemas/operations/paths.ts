import * as z from "zod";
import { MethodName } from "../method.ts";
import { Id, textLike, VersionNumber } from "../scalars.ts";

/** Path parameters, by what they name. */
export const ConnectorPath = z.strictObject({
  name: textLike(
    /^[a-z][a-z0-9_.]{0,63}$/,
    "a connector's name in small letters, digits, dots and underscores",
    "jira",
  ),
});
export const ConnectorVersionPath = ConnectorPath.extend({ version: VersionNumber });
export const EndpointPath = z.strictObject({ endpointId: Id });
export const MethodPath = EndpointPath.extend({ method: MethodName });
export const CallPath = EndpointPath.extend({ callId: Id });
export const UnitPath = EndpointPath.extend({ unitId: Id });
export const TenantPath = z.strictObject({ tenantId: Id });
export const CollectionPath = EndpointPath.extend({ collectionId: Id });
export const DatasetPath = z.strictObject({ datasetId: Id });
export const SinkPath = z.strictObject({ sinkId: Id });
export const ProbePath = z.strictObject({ probeId: Id });
export const RunPath = z.strictObject({ runId: Id });
export const ArtifactPath = z.strictObject({ artifactId: Id });
