import type { IPolicyValidationContext, PolicyValidationPluginReport } from "aws-cdk-lib";
import { Stack, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { flattenCfnReference } from "cdk-nag/lib/utils/flatten-cfn-reference.js";
import type { IConstruct } from "constructs";

/**
 * Accepts findings of cdk-nag on `construct` and all below it; each with the reason why it is right
 * here.
 */
export function accept(construct: IConstruct, findings: Readonly<Record<string, string>>): void {
  const rules = Object.entries(findings).map(([id, reason]) => ({
    id: `AwsSolutions-${id}`,
    reason,
  }));
  Validations.of(construct).acknowledge(...rules);
}

const WILDCARDS = new Map<IConstruct, Readonly<Record<string, string>>>();

/** Accepts exactly these ARNs with a wildcard, each with its reason. */
export function acceptWildcards(
  construct: IConstruct,
  reasons: Readonly<Record<string, string>>,
): void {
  WILDCARDS.set(construct, reasons);
}

/**
 * AwsSolutions, where `acceptWildcards` holds. cdk-nag names such a finding by its resolved ARN,
 * and an ARN of another stack is resolved only when the app is synthesised: so that is when the
 * finding is accepted.
 */
export class ReasonedChecks extends AwsSolutionsChecks {
  override validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    for (const [construct, reasons] of WILDCARDS) {
      for (const [arn, reason] of Object.entries(reasons)) {
        const resolved = flattenCfnReference(Stack.of(construct).resolve(arn));
        accept(construct, { [`IAM5[Resource::${resolved}]`]: reason });
      }
    }
    WILDCARDS.clear();
    return super.validate(context);
  }
}
