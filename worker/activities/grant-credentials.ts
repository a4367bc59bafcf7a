import type { GrantInput } from "../../schemas/activities.ts";
import type {
  CredentialRef,
  SinkRef,
  SourceRef,
  ThroughSinkRef,
} from "../../schemas/references.ts";
import type { RunPlan } from "../../schemas/run-plan.ts";
import type { Deps } from "./deps.ts";
import { grantOf } from "./references.ts";

/**
 * The plan of a run with grants for the credentials that it names: of one that an earlier release
 * planned. The broker looks at the run itself, so that one which ended is given nothing.
 */
export async function grantCredentials(deps: Deps, { plan }: GrantInput): Promise<RunPlan> {
  const work = { purpose: "run", subject: plan.runId, since: deps.now().toISOString() } as const;

  const granted = async <T extends SourceRef | SinkRef | ThroughSinkRef>(party: T): Promise<T> => {
    const { credential } = party;
    return credential ? { ...party, credential: await withGrant(credential) } : party;
  };
  const withGrant = async (credential: CredentialRef): Promise<CredentialRef> => {
    const { ownerId } = credential;
    const owner = { tenantId: plan.tenantId, ownerId };
    return { ...credential, grant: await grantOf(deps, owner, work) };
  };

  const { source, sink } = plan;
  const through = sink?.through && (await granted(sink.through));
  return {
    ...plan,
    source: await granted(source),
    sink: sink && { ...(await granted(sink)), ...(through && { through }) },
  };
}
