/**
 * Stands in for `ajv` and `ajv-formats` when a function is bundled: the MCP library makes a checker
 * of what a person answers to an elicitation, and no tool of ours asks one; the two are 130 kB.
 */
export default function noElicitation(): void {}
