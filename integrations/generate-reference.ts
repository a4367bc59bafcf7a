/**
 * Part of `npm run generate`: writes docs/integrations/reference.md, the methods of every connector
 * that has code of its own.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Method } from "../schemas/method.ts";
import type { IntegrationPlugin } from "./plugin.ts";
import { PLUGINS } from "./registry.ts";

const HEAD = `# Methods of the connectors

${[
  "Generated from the plugins by `npm run generate`.",
  "Methods of a connector that was made from an OpenAPI document are listed by",
  "`GET /connectors/{name}/versions/{version}/methods`, and so are these, with their schemas.",
].join("\n")}

- A parameter with \`?\` may be left out.
- A method that lists answers \`{items, nextPage}\`. Call it again with the parameters in
  \`nextPage\` added; null says that this was the last page.
- **reads**: it changes nothing. **once**: done twice has the effect of once, so it is repeated
  after a lost answer. **writes**: after a lost answer it may have been done, and is not repeated.
- The last column is the least that the credential must allow, in the vendor's words.
`;
const COLUMNS = ["method", "does", "parameters", "", "needs"];

function reference(plugins: readonly IntegrationPlugin[]): string {
  const ordered = [...plugins].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [HEAD, ...ordered.map(section)].join("\n");
}

function section({ name, version, methods }: IntegrationPlugin): string {
  const rows = [COLUMNS, COLUMNS.map(() => "---"), ...methods.map(({ method }) => cells(method))];
  const table = rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
  return `## ${name} ${version}\n\n${table}\n`;
}

function cells(method: Method): string[] {
  const { name, description, scopes } = method;
  const needs = scopes.map((scope) => `\`${scope}\``).join(", ");
  return [`\`${name}\``, escaped(description), parameters(method), nature(method), needs];
}

function parameters({ paramSchema }: Method): string {
  const { properties = {}, required = [] } = paramSchema as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  const names = Object.keys(properties).map((name) =>
    required.includes(name) ? `\`${name}\`` : `\`${name}?\``,
  );
  return names.join(" ");
}

function nature({ safe, idempotent }: Method): string {
  if (safe) return "reads";
  return idempotent ? "once" : "writes";
}

const escaped = (text: string) => text.replaceAll("|", "\\|");

if (import.meta.main)
  writeFileSync(join(import.meta.dirname, "../docs/integrations/reference.md"), reference(PLUGINS));
