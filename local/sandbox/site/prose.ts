import { createRandom, type Random } from "./random.ts";

const WORDS = `build the export fails when a user opens page after login with error timeout on
  load and retry does not help please check logs for broken index in settings
  while saving draft report button shows wrong total über façade naïve 東京 отчёт
  🙂 “quoted” it’s C:\\temp\\new "json" {brace} <b>tag</b> & 50% of requests see
  release notes customer cannot reproduce on staging cache was stale after
  deploy then worked again queue grows until worker restarts`.split(/\s+/);
const CORPUS_CHARACTERS = 400_000;

/** The same for every seed; what differs is where it is cut. */
const CORPUS = createCorpus(createRandom(CORPUS_CHARACTERS));

/**
 * A text of about `length` characters, never ending inside a surrogate pair. Cut from one long
 * corpus: cheap to make, and memory is shared however many there are.
 */
export type Text = (length: number) => string;

export function createText(random: Random): Text {
  const text = (length: number): string => {
    if (length > CORPUS.length / 2) return text(length / 2) + text(length / 2);
    const start = CORPUS.indexOf(" ", random.int(CORPUS.length - length - 40)) + 1;
    const end = CORPUS.indexOf(" ", start + length);
    return CORPUS.slice(start, end < 0 ? undefined : end);
  };
  return text;
}

function createCorpus(random: Random): string {
  const words: string[] = [];
  for (let length = 0; length < CORPUS_CHARACTERS; length += (words.at(-1)?.length ?? 0) + 1)
    words.push(random.pick(WORDS));
  return words.join(" ");
}
