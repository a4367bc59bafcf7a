import { DomainError } from "../schemas/errors.ts";

/**
 * A unit that lands in a sink: by its config, or, where `runId` is said, by a run of it that is at
 * work.
 */
export interface SinkUser {
  readonly endpointId: string;
  readonly endpointName: string;
  readonly unitId: string;
  readonly runId: string | null;
}

const NAMED = 10;

/** The refusal to delete a sink, with who uses it and what to do. */
export function sinkInUse(users: readonly SinkUser[]): DomainError {
  const [first] = users;
  const named = users.slice(0, NAMED);
  const units = named.map(({ endpointId, unitId, runId }) => ({
    endpointId,
    unitId,
    ...(runId && { runId }),
  }));
  const details = {
    endpointId: first?.endpointId,
    unitId: first?.unitId,
    units,
    count: users.length,
  };

  return new DomainError("CONFLICT", `${sentence(users)} ${remedy(users)}`, details);
}

function sentence(users: readonly SinkUser[]): string {
  const named = users.slice(0, NAMED).map(({ unitId, endpointName, runId }) => {
    const what = runId ? `run ${runId} of ${unitId}` : unitId;
    return `${what} of "${endpointName}"`;
  });
  const more = users.length > NAMED ? ` and ${users.length - NAMED} more` : "";
  return `${users.length === 1 ? "This lands" : "These land"} here: ${named.join(", ")}${more}.`;
}

function remedy(users: readonly SinkUser[]): string {
  const configured = users.some(({ runId }) => runId === null);
  const atWork = users.some(({ runId }) => runId !== null);
  const steps = [
    configured && "Give each unit another sink: PUT /endpoints/{endpointId}/units/{unitId}/config.",
    atWork && "Wait for the run to end, or cancel it.",
  ];
  return steps.filter((step) => step !== false).join(" ");
}
