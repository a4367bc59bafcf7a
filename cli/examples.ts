/**
 * Examples in `--help`, by the words of the command. A test runs each of them through the parser.
 */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "connectors list": [
    "inlet connectors list --search jira",
    "inlet connectors list --capability ingest.incremental",
  ],
  "connectors version": ["inlet connectors version jira 1.0.0 --json"],
  "sinks create": [
    "inlet sinks create --name files --type files.parquet --config '{}'",
    "inlet sinks create --name own --type files.parquet --config @sink.json --credentials " +
      "@credentials.json --is-default",
  ],
  "sinks set-credentials": [
    "inlet sinks set-credentials own --auth-type aws_role --secret @secret.json",
  ],
  "endpoints connect": ["inlet endpoints connect jira"],
  "oauth complete": ["inlet oauth complete --state STATE --confirmation 7K3F-9QWD"],
  "endpoints register": [
    "inlet endpoints register --name jira --connector jira --config @jira.json --credentials " +
      "@credentials.json",
    "inlet endpoints register --body @endpoint.json",
  ],
  "endpoints update": [
    "inlet endpoints update jira --no-enabled",
    "inlet endpoints update jira --enabled",
  ],
  "endpoints set-credentials": [
    "inlet endpoints set-credentials jira --auth-type basic --secret @secret.json",
    "get-secret | inlet endpoints set-credentials jira --auth-type basic --secret @-",
  ],
  "endpoints collect": ["inlet endpoints collect jira --watch"],
  "endpoints upgrade": [
    "inlet endpoints upgrade jira --dry-run",
    "inlet endpoints upgrade jira --version 2.0.0 --if-match 3",
  ],
  "endpoints test": ["inlet endpoints test jira --watch && echo reachable"],
  "endpoints delete": ["inlet endpoints delete jira --yes"],
  "datasets preview": ["inlet datasets preview jira:jira.issues --limit 5 --watch"],
  "methods list": ["inlet methods list jira"],
  "methods call": [
    'inlet methods call jira getIssue --params \'{"issue": "SHOP-1"}\'',
    "inlet methods call jira addComment --params @comment.json --respond-async",
  ],
  "units list": ["inlet units list jira", "inlet units list jira --all --json"],
  "units configure": [
    "inlet units configure jira jira.issues --mode INCREMENTAL --schedule 15m --enabled",
    "inlet units configure jira jira.users --schedule manual --policy @policy.json",
    "inlet units configure jira jira.users --if-match 3 --no-enabled",
  ],
  "units plan": [
    "inlet units plan jira jira.comments --mode FULL --enabled",
    'inlet units plan jira jira.issues --policy \'{"filters":{"projectKeys":["DEMO"]}}\'',
  ],
  "units rollback": ["inlet units rollback jira jira.issues --version 3"],
  "units reset": ["inlet units reset jira jira.issues --yes"],
  "tenants create": [
    `inlet tenants create --tenant-id acme --name "Acme" --quotas '{"endpoints":10}'`,
  ],
  "tenants update": ["inlet tenants update acme --status SUSPENDED"],
  "tenants delete": ["inlet tenants delete acme --yes"],
  "audit list": ["inlet audit list --subject unit/jira/ --action checkpoint."],
  "runs start": [
    "inlet runs start jira jira.issues --watch",
    'inlet runs start jira jira.issues --idempotency-key "nightly-2026-11-21"',
  ],
  "runs list": [
    "inlet runs list --since 1d --failed",
    "inlet runs list --endpoint jira --limit 5 --json",
  ],
  "runs get": ["inlet runs get latest --watch"],
  "artifacts list": ["inlet artifacts list latest"],
  "artifacts download": [
    "inlet artifacts download jira.users --output users.parquet",
    "inlet artifacts download latest --output landed/",
  ],
  "kb list": ["inlet kb list --entity-type ingestion.unit", "inlet kb list --scope jira --all"],
  "kb get": ["inlet kb get ingestion::jira::jira.issues"],
  "kb lineage": [
    "inlet kb lineage ingestion::jira::jira.issues --direction upstream",
    "inlet kb lineage endpoint::jira --direction downstream",
  ],
  graphql: [
    "inlet graphql --query '{ metadataEndpoints { id name } }'",
    "inlet graphql --query @query.graphql --variables @v.json",
  ],
  openapi: ["inlet openapi --json > openapi.json"],
};
