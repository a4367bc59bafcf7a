import { type Answer, ok } from "../../runtime/answer.ts";

export async function getHealth(
  _: unknown,
  { environment }: { readonly environment: string },
): Promise<Answer> {
  return ok({ status: "ok", environment });
}
