import type { Adf, AdfNode } from "../jira/site.ts";
import { createRandom, type Random } from "./random.ts";

const WORDS =
  `build the export fails when a user opens page after login with error timeout on load and retry does not help
  please check logs for broken index in settings while saving draft report button shows wrong total über façade naïve 東京 отчёт
  🙂 “quoted” it’s C:\\temp\\new "json" {brace} <b>tag</b> & 50% of requests see release notes customer cannot reproduce on staging
  cache was stale after deploy then worked again queue grows until worker restarts`.split(/\s+/);
const CORPUS_CHARACTERS = 400_000;

/** The same for every seed; what differs is where it is cut. */
const CORPUS = createCorpus(createRandom(CORPUS_CHARACTERS));

/** Texts cut from one long corpus: cheap to make, and memory is shared however many there are. */
export type Prose = {
  /** About `length` characters, never ending inside a surrogate pair. */
  text: (length: number) => string;
  /** A document of several paragraphs, with a code block and a mention now and then. */
  document: (length: number) => Adf;
};

export function createProse(random: Random): Prose {
  const text = (length: number): string => {
    if (length > CORPUS.length / 2) return text(length / 2) + text(length / 2);
    const start = CORPUS.indexOf(" ", random.int(CORPUS.length - length - 40)) + 1;
    const end = CORPUS.indexOf(" ", start + length);
    return CORPUS.slice(start, end < 0 ? undefined : end);
  };
  return { text, document: (length) => adf(paragraphs(length, text, random)) };
}

export function adf(content: AdfNode[]): Adf {
  return { version: 1, type: "doc", content };
}

export function paragraph(text: string): AdfNode {
  return { type: "paragraph", content: [{ type: "text", text }] };
}

function paragraphs(length: number, text: (length: number) => string, random: Random): AdfNode[] {
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

function createCorpus(random: Random): string {
  const words: string[] = [];
  for (let length = 0; length < CORPUS_CHARACTERS; length += (words.at(-1)?.length ?? 0) + 1)
    words.push(random.pick(WORDS));
  return words.join(" ");
}
