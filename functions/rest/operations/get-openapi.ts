import document from "../../../schemas/json/openapi.json" with { type: "json" };
import { type Answer, ok } from "../../runtime/answer.ts";

export async function getOpenapi(): Promise<Answer> {
  return ok(document);
}
