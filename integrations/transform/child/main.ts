/**
 * The process in which expressions of tenants run: it has no environment, no credentials, no access
 * to files but its own code, and is ended from outside when it takes too long. It answers one
 * question at a time, and keeps nothing of it.
 */
import { frame, frameReader, type Question, type Reply } from "../messages.ts";
import { answer } from "./answer.ts";
import { prepareRealm } from "./realm.ts";

/** What the parent allows, and some to spare: it is the parent who bounds what is sent. */
const LARGEST_FRAME_BYTES = 16_000_000;

let question: Question | undefined;

function take(text: string): void {
  if (!question) {
    question = JSON.parse(text) as Question;
    return;
  }

  const asked = question;
  question = undefined;
  void answer(asked, text).then(({ reply, output }) => {
    say(reply, output);
    // While nobody waits, so that the next question finds it made.
    setImmediate(prepareRealm);
  });
}

function say(reply: Reply, output: string): void {
  process.stdout.write(Buffer.concat([frame(JSON.stringify(reply)), frame(output)]));
}

process.stdin.on(
  "data",
  frameReader(take, () => LARGEST_FRAME_BYTES),
);
// Whoever asked is gone.
process.stdin.on("end", () => process.exit());
prepareRealm();
say({ ok: true }, "");
