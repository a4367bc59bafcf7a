import { Duration, Stack, type StackProps } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { FilterCriteria, FilterRule } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { InletFunction } from "../constructs/inlet-function.ts";
import { readTable, writeTable } from "../constructs/permissions.ts";
import { references, streamOf } from "../constructs/references.ts";
import { consumeStream } from "../constructs/stream-consumer.ts";
import type { Environment } from "../environments.ts";
import { CONTROL_INDEXES, type DataStack } from "./data.ts";

export interface KnowledgeStackProps extends StackProps {
  readonly settings: Environment;
  readonly data: DataStack;
  readonly alarmTopic: ITopic;
}

/**
 * Items that are always nodes. A run becomes one when it ends, so that its progress does not call
 * the projector page by page.
 */
const NOUNS = ["endpoint", "dataset", "catalog-units", "unit-config", "sink", "artifact"];

/**
 * From the control table's items to the knowledge base: the projector on the stream, and the
 * reconciler under it.
 */
export class KnowledgeStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { settings, data, alarmTopic, ...props }: KnowledgeStackProps,
  ) {
    super(scope, id, props);
    const { control } = references(this, data);
    const shared = {
      settings,
      alarmTopic,
      variables: { controlTable: control.tableName },
      permissions: [readTable(control, CONTROL_INDEXES), writeTable(control)],
    };
    const projector = new InletFunction(this, "kb-projector", {
      ...shared,
      entry: "functions/knowledge-projector/handler.ts",
      timeoutSeconds: 60,
    });
    const entity = (...names: string[]) => ({ entity: { S: FilterRule.or(...names) } });
    consumeStream(projector, {
      table: streamOf(this, "Control", data.control, control),
      filters: [
        FilterCriteria.filter({ dynamodb: { NewImage: entity(...NOUNS) } }),
        FilterCriteria.filter({
          dynamodb: { NewImage: { ...entity("run"), finishedAt: { S: FilterRule.exists() } } },
        }),
        FilterCriteria.filter({
          eventName: FilterRule.isEqual("REMOVE"),
          dynamodb: { OldImage: entity(...NOUNS) },
        }),
      ],
      alarmTopic,
    });
    const reconciler = new InletFunction(this, "kb-reconciler", {
      ...shared,
      entry: "functions/knowledge-projector/reconcile.ts",
      timeoutSeconds: 840,
    });
    new Rule(this, "EveryHour", {
      schedule: Schedule.rate(Duration.hours(1)),
      targets: [new LambdaFunction(reconciler.function, { retryAttempts: 0 })],
    });
  }
}
