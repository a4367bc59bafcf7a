import { sinkTrust } from "../../../core/sink-trust.ts";
import type { ShownSink, Sink } from "../../../schemas/sink.ts";
import { type Answer, versioned } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";

/** A sink with what a role of the tenant's own must trust. */
export const withTrust = ({ platform }: Pick<Deps, "platform">, sink: Sink): ShownSink => ({
  ...sink,
  trust: sinkTrust(platform, sink.tenantId),
});

/** The answer of an operation on one sink. */
export const shownSink = (deps: Pick<Deps, "platform">, sink: Sink, status?: number): Answer =>
  versioned(withTrust(deps, sink), status);
