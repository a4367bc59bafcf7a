/** The things that a command names by id, and by what else a person may name them. */
export interface Reference {
  /** How the argument and the option are called: `<endpoint>`, `--endpoint`. */
  readonly word: string;
  /** What may be typed. */
  readonly by: string;
  /** The command that lists them. */
  readonly list: string;
  /** A value that keeps the contract: stands for a name until it is looked up. */
  readonly sample: string;
}

/** By the contract's own name of the field. */
export const REFERENCES: Readonly<Record<string, Reference>> = {
  endpointId: reference("endpoint", "name, slug or id", "inlet endpoints list"),
  unitId: reference(
    "unit",
    "name, or its last part: issues for jira.issues",
    "inlet units list ENDPOINT",
  ),
  datasetId: reference(
    "dataset",
    "ENDPOINT:DATASET, or the dataset's name alone",
    "inlet datasets list ENDPOINT",
  ),
  sinkId: reference("sink", "name or id; kb for the knowledge base", "inlet sinks list"),
  runId: reference(
    "run",
    "id, its last characters, latest, or a unit: its latest run",
    "inlet runs list",
  ),
  artifactId: reference(
    "artifact",
    "id, or the run that landed nothing else",
    "inlet artifacts list RUN",
  ),
  collectionId: reference("collection", "id, or latest", "inlet endpoints get ENDPOINT"),
  tenantId: reference("tenant", "id or name", "inlet tenants list"),
  name: reference("connector", "name or title", "inlet connectors list"),
  logicalId: {
    ...reference("node", "KIND::ENDPOINT::NAME", "inlet kb list"),
    sample: "x::x",
  },
};

/** References that are written as options; as arguments all of them are. */
export const OPTION_REFERENCES: readonly string[] = ["endpointId", "unitId", "sinkId", "runId"];

function reference(word: string, by: string, list: string): Reference {
  return { word, by, list, sample: "x" };
}

/** `endpointId` → `endpoint`: the argument as help and errors show it. */
export function argumentOf(name: string): string {
  return REFERENCES[name]?.word ?? name;
}
