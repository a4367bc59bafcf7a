/** What a sink can do, as its type says in the manifest. */
import type { Connector, SinkTraits } from "../schemas/connector.ts";

/**
 * The traits of a sink type. A registry that was published before types said them knows the modes
 * alone, of which only a sink that compares versions can land SCD1.
 */
export function sinkTraits({ sink, modes }: Pick<Connector, "sink" | "modes">): SinkTraits {
  if (sink) return sink;
  const comparesVersions = modes.includes("SCD1");
  return {
    isDefault: comparesVersions,
    comparesVersions,
    deletes: comparesVersions ? ["soft", "hard"] : [],
    sweepsAfterDays: 0,
  };
}
