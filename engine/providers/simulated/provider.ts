/**
 * `aws` and `cloudflare`, simulated: previews with no credentials, and rehearsals. Strict where the real ones are, and where the cloud
 * itself would refuse at apply.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { NO_CHANGE, settleDiff } from "../../deploy/diff";
import type { CheckFailure, CheckResult, DiffResult, Provider, ReadResult, Subject } from "../../model";
import {
  containsUnknowns,
  isObject,
  unwrapSecrets,
  valuesEqual,
  type Properties,
  type Value,
} from "../../values";
import { cloudFormationType, schemaOf } from "./cloudformation";
import type { Cloud, Thing } from "./cloud";
import { deletionFault } from "./deletion";
import { afterUpdate, refusedUpdate } from "./behaviour";
import { describeFault } from "./fault";
import { autoname, hasUniqueName, identityOf, isAutonamed, nameInput, type Place } from "./identity";
import { invoke } from "./invokes";
import { computedOutputs, keptOutputs } from "./outputs";
import { replacedBy } from "./replacement";
import { ruleFaults } from "./rules";
import { shapeFaults } from "./shape-check";
import { Typings, type ResourceTyping } from "./typings";

export const SIMULATED_PACKAGES = ["aws", "cloudflare"] as const;
export type SimulatedPackage = (typeof SIMULATED_PACKAGES)[number];

/** AWS's documentation uses it for accounts that nobody has. */
const EXAMPLE_ACCOUNT = "123456789012";
const DEFAULTS = "__defaults";

export class SimulatedProvider implements Provider {
  readonly acceptSecrets = true;
  readonly acceptResources = false;
  readonly supportsPreview = true;
  private readonly typings: Typings;
  private place: Place = { account: EXAMPLE_ACCOUNT, region: "us-east-1" };
  private defaultTags: Properties = {};

  /** @param programFolder from which the SDK is resolved, as the program does. */
  constructor(
    private readonly name: SimulatedPackage,
    private readonly cloud: Cloud,
    programFolder: string,
  ) {
    const resolve = createRequire(join(programFolder, "package.json"));
    this.typings = new Typings(dirname(resolve.resolve(`@pulumi/${name}/package.json`)), name);
  }

  async checkConfig(_subject: Subject, _olds: Properties, news: Properties): Promise<CheckResult> {
    const parsed = parsedConfig(news);
    const declared = {
      members: this.typings.provider,
      source: `@pulumi/${this.name} ${this.typings.version}, provider.d.ts`,
      schema: undefined,
      schemaSource: "",
    };
    const faults = shapeFaults(withoutVersion(parsed), declared);
    if (this.name === "aws" && (news["region"] ?? null) === null) {
      const allowed = "it is required: set it as aws:region, or on the provider";
      faults.push({ path: "region", allowed, source: "AWS: every endpoint is of a region" });
    }
    return { inputs: news, failures: faults.map((fault) => failure(parsed, fault)) };
  }

  async diffConfig(
    _subject: Subject,
    oldInputs: Properties,
    _oldOutputs: Properties,
    news: Properties,
  ): Promise<DiffResult> {
    // Resources of one region are not there in another.
    const moved = oldInputs["region"] !== undefined && !valuesEqual(oldInputs["region"], news["region"]);
    const diff = settleDiff({ ...NO_CHANGE, changes: "unknown" }, oldInputs, news, []);
    return moved ? { ...diff, replaces: ["region"] } : diff;
  }

  async configure(_subject: Subject, inputs: Properties): Promise<void> {
    const { region, allowedAccountIds, assumeRoles, defaultTags } = parsedConfig(unwrapSecrets(inputs));
    const role = /arn:aws:iam::(\d{12}):/.exec(JSON.stringify(assumeRoles ?? null))?.[1];
    const [allowed] = Array.isArray(allowedAccountIds) ? allowedAccountIds : [];
    this.place = {
      account: role ?? (typeof allowed === "string" ? allowed : EXAMPLE_ACCOUNT),
      region: typeof region === "string" ? region : this.place.region,
    };
    const tags = isObject(defaultTags) ? defaultTags["tags"] : undefined;
    this.defaultTags = isObject(tags) ? tags : {};
  }

  async check(subject: Subject, olds: Properties, news: Properties): Promise<CheckResult> {
    const { type, urn } = subject;
    const typing = this.typingOf(type);
    const inputs = this.withDefaults(subject, typing, olds, news);
    const declared = {
      members: typing.inputs,
      source: typing.source,
      schema: schemaOf(type),
      schemaSource: `AWS::${cloudFormationType(type) ?? ""}, @aws-cdk/aws-service-spec`,
    };
    const faults = shapeFaults(news, declared);
    const bare = unwrapSecrets(inputs);
    const dependencies = subject.propertyDependencies ?? {};
    if (faults.length === 0) {
      faults.push(
        ...ruleFaults({ type, urn, inputs: bare, dependencies, cloud: this.cloud, place: this.place }),
      );
      faults.push(...this.nameFaults(subject, typing, bare));
    }
    if (faults.length === 0) this.cloud.plan({ urn, type, inputs: bare, place: this.place, dependencies });
    return { inputs, failures: faults.map((fault) => failure(inputs, fault)) };
  }

  async diff(
    subject: Subject & { id: string },
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    ignoreChanges: string[],
  ): Promise<DiffResult> {
    const { type, urn, id } = subject;
    this.cloud.recall(urn, id, oldOutputs);
    const diff = settleDiff(
      { ...NO_CHANGE, changes: "unknown" },
      visible(oldInputs),
      visible(news),
      ignoreChanges,
    );
    const replaces = diff.diffs.filter((key) => replacedBy(type, key));
    if (replaces.length === 0) return diff;
    const detailedDiff = Object.fromEntries(
      Object.entries(diff.detailedDiff ?? {}).map(([path, entry]) => {
        const replacing = replaces.includes(/^\w+/.exec(path)?.[0] ?? "");
        return [path, replacing ? { ...entry, kind: `${entry.kind}-replace` as typeof entry.kind } : entry];
      }),
    );
    return { ...diff, replaces, detailedDiff, deleteBeforeReplace: this.mustMakeRoom(type, oldInputs, news) };
  }

  /** As the bridge: two that the program itself gave one name cannot be there at a time. */
  private mustMakeRoom(type: string, oldInputs: Properties, news: Properties): boolean {
    const key = nameInput(type);
    const autonamed = Array.isArray(news[DEFAULTS]) && news[DEFAULTS].includes(key);
    return (
      !autonamed && hasUniqueName(type, this.typingOf(type).inputs) && valuesEqual(oldInputs[key], news[key])
    );
  }

  async create(
    { type, urn }: Subject,
    inputs: Properties,
    _timeoutSeconds: number,
    preview: boolean,
  ): Promise<{ id: string; properties: Properties }> {
    const properties = visible(inputs);
    // What is not here is unknown to the program.
    if (preview) return { id: "", properties: this.withRegion(type, properties) };
    const typing = this.typingOf(type);
    const bare = unwrapSecrets(properties);
    this.refuseTakenName(type, typing, bare);
    const seed = this.cloud.nextSeed(urn);
    const thing: Thing = { urn, type, inputs: bare, place: this.place, dependencies: {} };
    const { id, outputs } = this.make(thing, typing, properties, seed);
    this.cloud.put({ ...thing, made: { id, seed, outputs: unwrapSecrets(outputs) } });
    return { id, properties: outputs };
  }

  async update(
    { type, urn, id }: Subject & { id: string },
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    _timeoutSeconds: number,
    _ignoreChanges: string[],
    preview: boolean,
  ): Promise<{ properties: Properties }> {
    const inputs = visible(news);
    const kept = keptOutputs(oldOutputs, visible(oldInputs), inputs);
    if (preview) return { properties: kept };
    const before = this.cloud.find(type, id);
    if (!before) throw new Error(`${type} ${id} is not there`);
    const refused = refusedUpdate(this.cloud, before, unwrapSecrets(inputs));
    if (refused !== undefined) throw new Error(refused);
    const seed = before.made?.seed ?? urn;
    const thing: Thing = { urn, type, inputs: unwrapSecrets(inputs), place: before.place, dependencies: {} };
    const filled = this.make(thing, this.typingOf(type), kept, seed).outputs;
    const outputs = afterUpdate(this.cloud, before, filled);
    this.cloud.put({ ...thing, made: { id, seed, outputs: unwrapSecrets(outputs) } }, before);
    return { properties: outputs };
  }

  async delete({ type, id, urn }: Subject & { id: string }): Promise<void> {
    const thing = this.cloud.find(type, id);
    if (!thing) return;
    const fault = deletionFault(this.cloud, thing);
    if (fault !== undefined) throw new Error(`deleting ${urn}: ${fault}`);
    this.cloud.remove(thing);
  }

  async read(
    subject: Subject & { id: string },
    inputs: Properties | undefined,
    state: Properties | undefined,
  ): Promise<ReadResult> {
    const thing = this.cloud.find(subject.type, subject.id);
    if (!thing?.made) {
      // A preview plans on the state as it is; there is no cloud to look at.
      if (state && Object.keys(state).length > 0) {
        return { id: subject.id, ...(inputs && { inputs }), properties: state };
      }
      return { id: "", properties: {} };
    }
    const now = { ...(state ?? {}), ...driftOf(thing) };
    return { id: subject.id, ...(inputs && { inputs }), properties: { ...thing.made.outputs, ...now } };
  }

  async invoke(token: string, args: Properties): Promise<{ result: Properties; failures: CheckFailure[] }> {
    return { result: invoke(token, unwrapSecrets(args), this.cloud, this.place), failures: [] };
  }

  async cancel(): Promise<void> {}
  async close(): Promise<void> {}

  private typingOf(type: string): ResourceTyping {
    const typing = this.typings.resource(type);
    if (typing) return typing;
    throw new Error(`@pulumi/${this.name} ${this.typings.version} has no resource ${type}`);
  }

  /** What the real provider adds before its own checks: a name, and the provider's default tags (pulumi-aws, provider/tags.go). */
  private withDefaults(
    { type, urn }: Subject,
    { inputs, outputs }: ResourceTyping,
    olds: Properties,
    news: Properties,
  ): Properties {
    const added: Properties = {};
    const key = nameInput(type);
    const prefixed = (news["namePrefix"] ?? null) !== null;
    if (isAutonamed(type, inputs) && (news[key] ?? null) === null && !prefixed) {
      const before = Array.isArray(olds[DEFAULTS]) && olds[DEFAULTS].includes(key) ? olds[key] : undefined;
      Object.assign(added, { [key]: before ?? autoname(urn), [DEFAULTS]: [key] });
    }
    if ("tagsAll" in outputs) {
      const own = unwrapSecrets(news["tags"] ?? {});
      added["tagsAll"] = isObject(own) ? { ...this.defaultTags, ...own } : own;
    }
    return { ...news, ...added };
  }

  private withRegion(type: string, inputs: Properties): Properties {
    return "region" in this.typingOf(type).outputs ? { region: this.place.region, ...inputs } : inputs;
  }

  private make(
    { type, inputs, place }: Thing,
    typing: ResourceTyping,
    properties: Properties,
    seed: string,
  ): { id: string; outputs: Properties } {
    const identity = identityOf(type, inputs, place, seed);
    const made = { ...identity, ...place, type, seed };
    return {
      id: identity.id,
      outputs: computedOutputs(properties, typing.inputs, typing.outputs, schemaOf(type), made),
    };
  }

  private nameFaults({ type, urn }: Subject, { inputs: members }: ResourceTyping, inputs: Properties) {
    const path = nameInput(type);
    const name = inputs[path];
    if (!hasUniqueName(type, members) || typeof name !== "string" || containsUnknowns(name)) return [];
    const other = this.cloud
      .ofType(type)
      .find(
        (thing) =>
          thing.urn !== urn && thing.inputs[path] === name && samePlace(type, thing, this.place, inputs),
      );
    if (!other) return [];
    const allowed = `the name is taken by ${other.urn}; each of this type needs its own`;
    return [{ path, allowed, source: "AWS: names are unique within an account and region" }];
  }

  private refuseTakenName(type: string, { inputs: members }: ResourceTyping, inputs: Properties): void {
    const path = nameInput(type);
    if (!hasUniqueName(type, members)) return;
    const taken = this.cloud
      .existing()
      .some(
        (thing) =>
          thing.type === type &&
          thing.inputs[path] === inputs[path] &&
          samePlace(type, thing, this.place, inputs),
      );
    if (taken) throw new Error(`${type}: ${path} ${JSON.stringify(inputs[path])} already exists`);
  }
}

/** Rules within one load balancer, policies of one role and the like are named within that. */
const SCOPES: Readonly<Record<string, string>> = {
  "aws:ecs/service:Service": "cluster",
  "aws:iam/rolePolicy:RolePolicy": "role",
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": "logGroupName",
  "aws:appautoscaling/policy:Policy": "resourceId",
  "aws:lambda/permission:Permission": "function",
};

function samePlace(type: string, { place, inputs }: Thing, here: Place, own: Properties): boolean {
  const scope = SCOPES[type];
  if (scope !== undefined && !valuesEqual(inputs[scope], own[scope])) return false;
  // Two of a scope that is only known later may be two.
  if (scope !== undefined && containsUnknowns(own[scope])) return false;
  return place.account === here.account && place.region === here.region;
}

/** What the program sees; the engine's own notes stay in the inputs. */
function visible(inputs: Properties): Properties {
  const rest = { ...inputs };
  delete rest[DEFAULTS];
  return rest;
}

/** Properties that the cloud changes by itself. */
function driftOf({ type, made }: Thing): Properties {
  const taskDefinition = made?.outputs["taskDefinition"];
  return type === "aws:ecs/service:Service" && taskDefinition !== undefined ? { taskDefinition } : {};
}

/** Explicit providers' objects arrive as JSON text (sdk: `pulumi.output(args.defaultTags).apply(JSON.stringify)`). */
function parsedConfig(inputs: Properties): Properties {
  const parsed = Object.entries(inputs).map(([key, value]): [string, Value] => {
    if (typeof value !== "string" || !/^[[{"]|^(true|false|\d+)$/.test(value)) return [key, value];
    try {
      return [key, JSON.parse(value) as Value];
    } catch {
      return [key, value];
    }
  });
  return Object.fromEntries(parsed);
}

function withoutVersion(inputs: Properties): Properties {
  const rest = { ...inputs };
  delete rest["version"];
  return rest;
}

const failure = (inputs: Properties, fault: Parameters<typeof describeFault>[1]): CheckFailure => ({
  property: "",
  reason: describeFault(inputs, fault),
});
