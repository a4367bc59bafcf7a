import { createText, type Text } from "../site/prose.ts";
import type { Random } from "../site/random.ts";
import type { Adf, AdfNode } from "./site.ts";

/** What people wrote: plain, and as Atlassian documents. */
export type Prose = {
  text: Text;
  /** A document of several paragraphs, with a code block and a mention now and then. */
  document: (length: number) => Adf;
};

export function createProse(random: Random): Prose {
  const text = createText(random);
  return { text, document: (length) => adf(paragraphs(length, text, random)) };
}

export function adf(content: AdfNode[]): Adf {
  return { version: 1, type: "doc", content };
}

export function paragraph(text: string): AdfNode {
  return { type: "paragraph", content: [{ type: "text", text }] };
}

function paragraphs(length: number, text: Text, random: Random): AdfNode[] {
  const nodes: AdfNode[] = [];
  for (let left = length; left > 0; ) {
    const size = Math.min(left, random.between(120, 900));
    nodes.push(
      random.chance(0.1) ? codeBlock(text(size)) : withMention(paragraph(text(size)), random),
    );
    left -= size;
  }
  return nodes;
}

function codeBlock(text: string): AdfNode {
  return {
    type: "codeBlock",
    attrs: { language: "text" },
    content: [{ type: "text", text: `\t${text}\n` }],
  };
}

function withMention(node: AdfNode, random: Random): AdfNode {
  if (random.chance(0.92)) return node;
  const mention: AdfNode = {
    type: "mention",
    attrs: { id: "5b0000000000000000000001", text: "@Robin Weaver" },
  };
  return { ...node, content: [mention, { type: "hardBreak" }, ...(node.content ?? [])] };
}
