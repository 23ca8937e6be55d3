/** ECS: task definitions on Fargate, services and how they deploy, their scaling. */
import { isObject, type Properties, type Value } from "../../../values";
import { schemaOf } from "../cloudformation";
import type { Fault } from "../fault";
import { isGiven, listAt, numberAt, pattern, range, textAt, type Asked, type Rule } from "./rule";
import { asText } from "../text";

const TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition";
const SIZES = "ECS developer guide, Task definition parameters for Fargate, Task size";
const API = "ECS API";
const NAME = /^[\w-]{1,255}$/;
const nameText = "at most 255 of a-z, A-Z, 0-9, - and _";

/** CPU units → least and most memory in MiB, and its step. 256 has three sizes of its own. */
const FARGATE: Readonly<Record<string, readonly [number, number, number]>> = {
  "512": [1024, 4096, 1024],
  "1024": [2048, 8192, 1024],
  "2048": [4096, 16384, 1024],
  "4096": [8192, 30720, 1024],
  "8192": [16384, 61440, 4096],
  "16384": [32768, 122880, 8192],
};

function memoriesOf(cpu: string): number[] | undefined {
  if (cpu === "256") return [512, 1024, 2048];
  const [least, most, step] = FARGATE[cpu] ?? [];
  if (least === undefined || most === undefined || step === undefined) return undefined;
  return Array.from({ length: (most - least) / step + 1 }, (_, index) => least + index * step);
}

function* fargate({ inputs }: Asked): Iterable<Fault> {
  if (!listAt(inputs, "requiresCompatibilities").includes("FARGATE")) return;
  for (const path of ["cpu", "memory"]) {
    if (!isGiven(inputs, path)) yield { path, allowed: "it is required on Fargate", source: SIZES };
  }
  if (inputs["networkMode"] !== "awsvpc") {
    yield { path: "networkMode", allowed: "it must be awsvpc on Fargate", source: SIZES };
  }
  const [cpu, memory] = [textAt(inputs, "cpu"), textAt(inputs, "memory")];
  if (cpu === undefined || !/^\d+$/.test(cpu)) return;
  const memories = memoriesOf(cpu);
  if (!memories) {
    yield {
      path: "cpu",
      allowed: `it must be one of 256, ${Object.keys(FARGATE).join(", ")}`,
      source: SIZES,
    };
  } else if (memory !== undefined && /^\d+$/.test(memory) && !memories.includes(Number(memory))) {
    const allowed = `with cpu ${cpu} it must be one of ${memories.join(", ")}`;
    yield { path: "memory", allowed, source: SIZES };
  }
}

function* containers({ inputs }: Asked): Iterable<Fault> {
  const source = `${API}, RegisterTaskDefinition, ContainerDefinition`;
  yield* pattern(inputs, "family", NAME, nameText, `${API}, RegisterTaskDefinition, family`);
  const path = "containerDefinitions";
  const text = textAt(inputs, path);
  if (text === undefined) return;
  let list: Value;
  try {
    list = JSON.parse(text) as Value;
  } catch {
    list = null;
  }
  if (!Array.isArray(list) || list.length === 0) {
    yield { path, allowed: "it must be a JSON array of at least one container", source };
    return;
  }
  const fault = (allowed: string): Fault => ({ path, allowed, source });
  const known = schemaOf(TASK_DEFINITION)?.types["ContainerDefinition"] ?? {};
  const names = new Set<unknown>();
  for (const [index, container] of list.entries()) {
    if (!isObject(container)) {
      yield fault(`[${index}] must be an object`);
      continue;
    }
    const { name, image } = container;
    if (typeof name !== "string" || !NAME.test(name)) yield fault(`[${index}].name must be ${nameText}`);
    if (names.has(name)) yield fault(`[${index}].name must not be that of another container`);
    names.add(name);
    if (typeof image !== "string" || image === "") yield fault(`[${index}].image is required`);
    for (const key of Object.keys(container)) {
      if (!(key.toLowerCase() in known)) yield fault(`[${index}].${key}: containers have no such property`);
    }
    yield* portMappings(container, index, inputs["networkMode"] === "awsvpc", fault);
  }
  // `essential` is true where it is not given.
  if (list.every((container) => isObject(container) && container["essential"] === false)) {
    yield fault("at least one container must be essential");
  }
  const total = list.reduce<number>(
    (sum, each) => sum + (isObject(each) && typeof each["memory"] === "number" ? each["memory"] : 0),
    0,
  );
  if (total > Number(textAt(inputs, "memory") ?? Infinity)) {
    yield fault(`the containers' memory, ${total} MiB together, must not exceed the task's`);
  }
}

function* portMappings(
  container: Properties,
  index: number,
  ownNetwork: boolean,
  fault: (allowed: string) => Fault,
): Iterable<Fault> {
  const mappings = container["portMappings"];
  for (const [at, mapping] of (Array.isArray(mappings) ? mappings : []).entries()) {
    if (!isObject(mapping)) continue;
    const { containerPort, hostPort } = mapping;
    const where = `[${index}].portMappings[${at}]`;
    if (typeof containerPort !== "number" || containerPort < 1 || containerPort > 65535) {
      yield fault(`${where}.containerPort must be a port from 1 to 65535`);
    } else if (ownNetwork && hostPort !== undefined && hostPort !== containerPort) {
      yield fault(`${where}.hostPort must be the containerPort with networkMode awsvpc`);
    }
  }
}

/** Bake times are minutes as text: the schema of the provider says string, the service takes 0 to 1440. */
const BAKE = /^(\d{1,3}|1[0-3]\d\d|14[0-3]\d|1440)$/;
const bakeText = 'a whole number of minutes from 0 to 1440 as a string, such as "10"';
const SHIFTS = ["TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"];

function* deployment({ inputs }: Asked): Iterable<Fault> {
  const source = `${API}, DeploymentConfiguration`;
  const at = "deploymentConfiguration";
  yield* pattern(inputs, "name", NAME, nameText, `${API}, CreateService, serviceName`);
  const configuration = inputs[at];
  if (!isObject(configuration)) return;
  const strategy = textAt(inputs, `${at}.strategy`) ?? "ROLLING";
  yield* pattern(inputs, `${at}.bakeTimeInMinutes`, BAKE, bakeText, source);
  for (const [key, wanted, bake, percent, limits] of [
    ["canaryConfiguration", "CANARY", "canaryBakeTimeInMinutes", "canaryPercent", [0.1, 100]],
    ["linearConfiguration", "LINEAR", "stepBakeTimeInMinutes", "stepPercent", [3, 100]],
  ] as const) {
    const path = `${at}.${key}`;
    if (isGiven(configuration, key) && strategy !== wanted) {
      yield { path, allowed: `it is for strategy ${wanted}, not for ${strategy}`, source };
    }
    yield* pattern(inputs, `${path}.${bake}`, BAKE, bakeText, source);
    yield* range(inputs, `${path}.${percent}`, limits, source);
  }
  yield* hooks(inputs, `${at}.lifecycleHooks`);
  if (strategy !== "ROLLING") yield* advanced(inputs, strategy);
}

function* hooks(inputs: Properties, path: string): Iterable<Fault> {
  const source = `${API}, DeploymentLifecycleHook`;
  for (const [index, hook] of listAt(inputs, path).entries()) {
    if (!isObject(hook)) continue;
    const at = `${path}[${index}]`;
    if (hook["targetType"] === "PAUSE") {
      for (const [stage, name] of listAt(inputs, `${at}.lifecycleStages`).entries()) {
        if (!SHIFTS.includes(asText(name))) continue;
        const allowed = "a PAUSE cannot be at a stage that shifts traffic";
        yield {
          path: `${at}.lifecycleStages[${stage}]`,
          allowed,
          source: "ECS developer guide, Pause lifecycle hooks",
        };
      }
      if (isGiven(hook, "hookTargetArn")) {
        yield { path: `${at}.hookTargetArn`, allowed: "a PAUSE has no target", source };
      }
      yield* range(
        inputs,
        `${at}.timeoutConfiguration.timeoutInMinutes`,
        [1, 20160],
        "ECS developer guide, Pause lifecycle hooks",
      );
    } else {
      for (const key of ["hookTargetArn", "roleArn"]) {
        if (!isGiven(hook, key)) yield { path: `${at}.${key}`, allowed: "a Lambda hook needs it", source };
      }
    }
    const details = textAt(inputs, `${at}.hookDetails`);
    if (details !== undefined && !isJson(details)) {
      yield { path: `${at}.hookDetails`, allowed: "it must be a JSON document", source };
    }
  }
}

/** Traffic is shifted between two target groups by a rule of the listener. */
function* advanced(inputs: Properties, strategy: string): Iterable<Fault> {
  for (const [index, balancer] of listAt(inputs, "loadBalancers").entries()) {
    if (!isObject(balancer) || isGiven(balancer, "advancedConfiguration")) continue;
    const allowed = `it is required for strategy ${strategy}: the other target group, the rules and a role`;
    const path = `loadBalancers[${index}].advancedConfiguration`;
    yield {
      path,
      allowed,
      source: "ECS developer guide, Blue/green deployments with an Application Load Balancer",
    };
  }
}

function* service({ inputs }: Asked): Iterable<Fault> {
  const source = `${API}, CreateService`;
  const [least, most] = [
    numberAt(inputs, "deploymentMinimumHealthyPercent"),
    numberAt(inputs, "deploymentMaximumPercent"),
  ];
  if (least !== undefined && most !== undefined && least >= 100 && most <= 100) {
    const allowed =
      "it must be over 100 where all tasks have to stay healthy: else none may start and none may stop";
    yield { path: "deploymentMaximumPercent", allowed, source };
  }
  yield* range(inputs, "desiredCount", [0, 5000], "ECS service quotas, Tasks per service");
  if (textAt(inputs, "launchType") === "FARGATE" && !isGiven(inputs, "networkConfiguration")) {
    yield { path: "networkConfiguration", allowed: "it is required on Fargate", source };
  }
  if (isGiven(inputs, "launchType") && listAt(inputs, "capacityProviderStrategies").length > 0) {
    yield { path: "launchType", allowed: "it cannot go with capacityProviderStrategies", source };
  }
  if (inputs["sigintRollback"] === true && inputs["waitForSteadyState"] !== true) {
    yield {
      path: "sigintRollback",
      allowed: "it needs waitForSteadyState",
      source: "terraform-provider-aws, aws_ecs_service",
    };
  }
}

function* scalingTarget({ inputs }: Asked): Iterable<Fault> {
  const source = "Application Auto Scaling API, RegisterScalableTarget";
  const [least, most] = [numberAt(inputs, "minCapacity"), numberAt(inputs, "maxCapacity")];
  if (least !== undefined && most !== undefined && least > most) {
    yield { path: "minCapacity", allowed: `it must not be more than maxCapacity (${most})`, source };
  }
  if (textAt(inputs, "serviceNamespace") === "ecs") {
    const form = /^service\/[^/]+\/[^/]+$/;
    yield* pattern(inputs, "resourceId", form, "service/<cluster name>/<service name>", source);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export const ecsRules: Readonly<Record<string, readonly Rule[]>> = {
  [TASK_DEFINITION]: [fargate, containers],
  "aws:ecs/service:Service": [service, deployment],
  "aws:appautoscaling/target:Target": [scalingTarget],
};
