import { CfnCondition, CfnParameter, Fn, type Stack, Validations } from "aws-cdk-lib";
import { type ITable, Table } from "aws-cdk-lib/aws-dynamodb";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { DataStack } from "../stacks/data.ts";

export interface SecretReference {
  readonly secretArn: string;
}

export interface TableReference {
  readonly tableName: string;
  readonly tableArn: string;
}

/**
 * The data stack as another stack sees it: its tables and secrets, unless a parameter of the
 * deployment names others.
 */
export interface DataReferences extends Pick<DataStack, "key" | "lake" | "staging"> {
  readonly stack: Stack;
  readonly control: TableReference;
  readonly events: TableReference;
  readonly hot: TableReference;
  readonly temporalSecret: SecretReference;
  readonly payloadKey: SecretReference;
  readonly cursorSecret: SecretReference;
  readonly grantSecret: SecretReference;
}

/**
 * A restore makes new tables, and a secret may be kept elsewhere: so `ControlTableName`,
 * `TemporalSecretArn` and the like are parameters of each stack that uses them, empty for the data
 * stack's own. Each is made when it is first asked for.
 */
export function references(stack: Stack, data: DataStack): DataReferences {
  const { key, lake, staging } = data;
  Validations.of(stack).acknowledge(
    {
      id: "CloudFormation-Validate::W2509",
      reason: "A parameter of this name holds the ARN of a secret, not the secret.",
    },
    {
      id: "CloudFormation-Validate::W1030",
      reason: "The empty default is never used: a condition stands before it.",
    },
  );

  const table = (id: string, own: Table): TableReference => {
    const tableName = parameterOr(stack, `${id}TableName`, own.tableName);
    return {
      tableName,
      tableArn: stack.formatArn({
        service: "dynamodb",
        resource: "table",
        resourceName: tableName,
      }),
    };
  };
  const secret = (id: string, own: Secret): SecretReference => ({
    secretArn: parameterOr(stack, `${id}Arn`, own.secretArn),
  });

  return {
    stack,
    key,
    lake,
    staging,
    get control() {
      return table("Control", data.control);
    },
    get events() {
      return table("Events", data.events);
    },
    get hot() {
      return table("Hot", data.hot);
    },
    get temporalSecret() {
      return secret("TemporalSecret", data.temporalSecret);
    },
    get payloadKey() {
      return secret("PayloadKey", data.payloadKey);
    },
    get cursorSecret() {
      return secret("CursorSecret", data.cursorSecret);
    },
    get grantSecret() {
      return secret("GrantSecret", data.grantSecret);
    },
  };
}

/**
 * The stream of a table, for `DynamoEventSource`; of another table when `<id>StreamArn` names it.
 */
export function streamOf(stack: Stack, id: string, own: Table, reference: TableReference): ITable {
  const tableStreamArn = parameterOr(stack, `${id}StreamArn`, own.tableStreamArn ?? "");
  return Table.fromTableAttributes(stack, `${id}Stream`, {
    tableArn: reference.tableArn,
    tableStreamArn,
  });
}

function parameterOr(stack: Stack, name: string, own: string): string {
  const condition = `${name}Given`;
  if (!stack.node.tryFindChild(name)) {
    const parameter = new CfnParameter(stack, name, {
      default: "",
      description: `Empty: the data stack's own`,
    });
    const given = Fn.conditionNot(Fn.conditionEquals(parameter, ""));
    new CfnCondition(stack, condition, { expression: given });
  }
  return Fn.conditionIf(condition, Fn.ref(name), own).toString();
}
