/** What the rules know about task definitions of ECS. */
import { listOf, objectOf, textOf, type Properties } from "./known";

/** The containers of a task definition; none where its JSON text is not known yet, or is none. */
export function containersOf(definition: Properties): Properties[] {
  try {
    return listOf(JSON.parse(textOf(definition["containerDefinitions"]))).map(objectOf);
  } catch {
    return [];
  }
}
