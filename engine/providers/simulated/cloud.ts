/**
 * The simulated cloud: what is there, and what this run has planned. It lives as long as the engine's process: a preview plans in an
 * empty one, a rehearsal keeps it over its steps.
 */
import type { Urn } from "../../model";
import { isUnknown, unwrapSecrets, type Properties, type Value } from "../../values";
import { nameInput, type Place } from "./identity";

export interface Thing {
  urn: Urn;
  type: string;
  /** Secrets unwrapped. */
  inputs: Properties;
  place: Place;
  /** By input, what the program made it from. */
  dependencies: Readonly<Record<string, readonly Urn[]>>;
  /** Of what is there; absent for what is only planned. */
  made?: { id: string; seed: string; outputs: Properties };
}

export class Cloud {
  /** By URN: what the program of this run has asked for so far. */
  private readonly planned = new Map<Urn, Thing>();
  private readonly there = new Set<Thing>();
  private makings = 0;
  /** Whether anything asked for a simulated provider. */
  used = false;
  /** Says which task definitions' tasks never become healthy: the rehearsal's failing version. */
  failing: (taskDefinition: Thing) => boolean = () => false;

  /** Forgets the plans of an earlier run. */
  begin(): void {
    this.planned.clear();
  }

  plan(thing: Omit<Thing, "made">): void {
    const before = this.planned.get(thing.urn)?.made ?? this.madeOf(thing.urn);
    this.planned.set(thing.urn, { ...thing, ...(before && { made: before }) });
  }

  /** A resource that the stack's state knows and this cloud does not: a preview of a stack deployed by the CLI. */
  recall(urn: Urn, id: string, outputs: Properties): void {
    const thing = this.planned.get(urn);
    if (thing && !thing.made) thing.made = { id, seed: `${urn} 0`, outputs: unwrapSecrets(outputs) };
  }

  nextSeed(urn: Urn): string {
    return `${urn} ${++this.makings}`;
  }

  put(thing: Thing, replaces?: Thing): void {
    if (replaces) this.there.delete(replaces);
    this.there.add(thing);
    this.planned.set(thing.urn, thing);
  }

  remove(thing: Thing): void {
    this.there.delete(thing);
    if (this.planned.get(thing.urn)?.made?.id === thing.made?.id) this.planned.delete(thing.urn);
  }

  find(type: string, id: string): Thing | undefined {
    return [...this.there].find((thing) => thing.type === type && thing.made?.id === id);
  }

  /** What is there and, of what is not there yet, what is planned. A plan hides what it replaces. */
  things(): Thing[] {
    const urns = new Set(this.planned.keys());
    return [...this.planned.values(), ...[...this.there].filter(({ urn }) => !urns.has(urn))];
  }

  existing(): Thing[] {
    return [...this.there];
  }

  ofType(type: string): Thing[] {
    return this.things().filter((thing) => thing.type === type);
  }

  /**
   * The things of these types that an input names: by id, ARN or name, or, before those are known, by what the program made the input
   * from.
   */
  named(value: Value | undefined, dependencies: readonly Urn[], types: readonly string[]): Thing[] {
    const candidates = this.things().filter(({ type }) => types.includes(type));
    const values = Array.isArray(value) ? value : [value ?? null];
    if (values.some((each) => isUnknown(each))) {
      return candidates.filter(({ urn }) => dependencies.includes(urn));
    }
    return candidates.filter((thing) =>
      values.some((each) => typeof each === "string" && answersTo(thing, each)),
    );
  }

  private madeOf(urn: Urn): Thing["made"] {
    return [...this.there].find((thing) => thing.urn === urn)?.made;
  }
}

/** Whether a text is the thing's id, ARN or name. */
export function answersTo({ type, inputs, made }: Thing, text: string): boolean {
  return text === made?.id || text === made?.outputs["arn"] || text === inputs[nameInput(type)];
}
