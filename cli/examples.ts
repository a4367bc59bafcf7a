/** Examples in `--help`, by the words of the command. A test runs each of them through the parser. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "connectors list": ["inlet connectors list --search jira", "inlet connectors list --capability ingest.incremental"],
  "connectors version": ["inlet connectors version jira 1.0.0 --json"],
  "sinks create": ["inlet sinks create --name lake --type warehouse.iceberg --config '{}' --is-default"],
  "sinks set-credentials": ["inlet sinks set-credentials SINK --auth-type password --secret @secret.json"],
  "endpoints register": [
    "inlet endpoints register --name jira --connector jira --config @jira.json --credentials @credentials.json",
    "inlet endpoints register --body @endpoint.json",
  ],
  "endpoints update": ["inlet endpoints update ENDPOINT --no-enabled", "inlet endpoints update ENDPOINT --enabled"],
  "endpoints set-credentials": [
    "inlet endpoints set-credentials ENDPOINT --auth-type api_token --secret @secret.json",
    "get-secret | inlet endpoints set-credentials ENDPOINT --auth-type api_token --secret @-",
  ],
  "endpoints collect": ["inlet endpoints collect ENDPOINT --watch"],
  "endpoints upgrade": [
    "inlet endpoints upgrade ENDPOINT --dry-run",
    "inlet endpoints upgrade ENDPOINT --version 2.0.0 --if-match 3",
  ],
  "endpoints test": ["inlet endpoints test ENDPOINT --watch && echo reachable"],
  "endpoints delete": ["inlet endpoints delete ENDPOINT --yes"],
  "datasets preview": ["inlet datasets preview ENDPOINT:jira.issues --limit 5 --watch"],
  "units list": ["inlet units list ENDPOINT", "inlet units list ENDPOINT --all --json"],
  "units configure": [
    "inlet units configure ENDPOINT jira.issues --mode INCREMENTAL --schedule 15m --enabled",
    "inlet units configure ENDPOINT jira.users --schedule manual --policy @policy.json",
    "inlet units configure ENDPOINT jira.users --if-match 3 --no-enabled",
  ],
  "units plan": [
    "inlet units plan ENDPOINT jira.comments --mode FULL --enabled",
    'inlet units plan ENDPOINT jira.issues --policy \'{"filters":{"projectKeys":["DEMO"]}}\'',
  ],
  "units rollback": ["inlet units rollback ENDPOINT jira.issues --version 3"],
  "units reset": ["inlet units reset ENDPOINT jira.issues --yes"],
  "tenants create": [`inlet tenants create --tenant-id acme --name "Acme" --quotas '{"endpoints":10}'`],
  "tenants update": ["inlet tenants update acme --status SUSPENDED"],
  "tenants delete": ["inlet tenants delete acme --yes"],
  "audit list": ["inlet audit list --subject unit/ENDPOINT/ --action checkpoint."],
  "runs start": [
    "inlet runs start ENDPOINT jira.issues --watch",
    'inlet runs start ENDPOINT jira.issues --idempotency-key "nightly-2026-11-21"',
  ],
  "runs list": ["inlet runs list --status FAILED", "inlet runs list --endpoint-id ENDPOINT --limit 5 --json"],
  "runs get": ["inlet runs get RUN --watch"],
  "artifacts list": ["inlet artifacts list RUN"],
  "kb nodes-list": ["inlet kb nodes-list --entity-type ingestion.unit", "inlet kb nodes-list --scope ENDPOINT --all"],
  "kb nodes-get": ["inlet kb nodes-get ingestion::ENDPOINT::jira.issues"],
  "kb nodes-lineage": [
    "inlet kb nodes-lineage artifact::ENDPOINT::ARTIFACT --direction upstream",
    "inlet kb nodes-lineage endpoint::ENDPOINT --direction downstream",
  ],
  graphql: [
    "inlet graphql --query '{ metadataEndpoints { id name } }'",
    "inlet graphql --query @query.graphql --variables @v.json",
  ],
  openapi: ["inlet openapi --json > openapi.json"],
};
