/** Load balancers, target groups, listeners and their rules, the firewall before them. */
import { isUnknown } from "../../../values";
import type { Fault } from "../fault";
import { twoZones } from "./network";
import { isGiven, listAt, named, numberAt, pattern, range, textAt, type Asked, type Rule } from "./rule";

const API = "ELBv2 API";
const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const LISTENER_RULE = "aws:lb/listenerRule:ListenerRule";

/** At most 32 of letters, digits and hyphens, none at either end. */
const NAME = /^(?!-)[A-Za-z0-9-]{1,32}(?<!-)$/;
const nameText = "at most 32 of a-z, A-Z, 0-9 and -, none of those at either end";

function* balancer({ inputs }: Asked): Iterable<Fault> {
  const source = `${API}, CreateLoadBalancer, Name`;
  yield* pattern(inputs, "name", NAME, nameText, source);
  yield* pattern(inputs, "name", /^(?!internal-)/, "a name that does not start with internal-", source);
  yield* range(inputs, "idleTimeout", [1, 4000], "ELB user guide, Load balancer attributes");
}

function* targetGroup({ inputs }: Asked): Iterable<Fault> {
  yield* pattern(inputs, "name", NAME, nameText, `${API}, CreateTargetGroup, Name`);
  yield* range(inputs, "port", [1, 65535], `${API}, CreateTargetGroup, Port`);
  yield* range(inputs, "deregistrationDelay", [0, 3600], "ELB user guide, Deregistration delay");
  const slowStart = numberAt(inputs, "slowStart");
  if (slowStart !== undefined && slowStart !== 0) {
    yield* range(inputs, "slowStart", [30, 900], "ELB user guide, Slow start mode");
  }
  yield* healthCheck(inputs);
  if (textAt(inputs, "targetType") === "lambda") return;
  for (const path of ["port", "protocol", "vpcId"]) {
    if (isGiven(inputs, path)) continue;
    yield {
      path,
      allowed: "it is required unless targetType is lambda",
      source: `${API}, CreateTargetGroup`,
    };
  }
}

function* healthCheck(inputs: Asked["inputs"]): Iterable<Fault> {
  const source = `${API}, CreateTargetGroup, HealthCheck*`;
  yield* range(inputs, "healthCheck.interval", [5, 300], source);
  yield* range(inputs, "healthCheck.timeout", [2, 120], source);
  yield* range(inputs, "healthCheck.healthyThreshold", [2, 10], source);
  yield* range(inputs, "healthCheck.unhealthyThreshold", [2, 10], source);
  yield* pattern(
    inputs,
    "healthCheck.path",
    /^\/.{0,1023}$/,
    "a path from / on, at most 1024 characters",
    source,
  );
  const [timeout, interval] = [
    numberAt(inputs, "healthCheck.timeout"),
    numberAt(inputs, "healthCheck.interval"),
  ];
  if (timeout !== undefined && interval !== undefined && timeout >= interval) {
    yield {
      path: "healthCheck.timeout",
      allowed: `it must be less than healthCheck.interval (${interval})`,
      source,
    };
  }
}

function* listener({ inputs }: Asked): Iterable<Fault> {
  const source = `${API}, CreateListener`;
  yield* range(inputs, "port", [1, 65535], source);
  const protocol = textAt(inputs, "protocol");
  const secure = protocol === "HTTPS" || protocol === "TLS";
  if (secure && !isGiven(inputs, "certificateArn")) {
    yield { path: "certificateArn", allowed: `it is required for ${protocol}`, source };
  }
  if (protocol === undefined || secure) return;
  for (const path of ["certificateArn", "sslPolicy"]) {
    if (isGiven(inputs, path))
      yield { path, allowed: `it is for HTTPS and TLS, not for ${protocol}`, source };
  }
}

function* listenerRule(asked: Asked): Iterable<Fault> {
  const { inputs, cloud, urn } = asked;
  const source = `${API}, CreateRule`;
  yield* range(inputs, "priority", [1, 50000], source);
  const priority = numberAt(inputs, "priority");
  const own = named(asked, "listenerArn", ["aws:lb/listener:Listener"])[0];
  const rival = cloud.ofType(LISTENER_RULE).find((other) => {
    if (other.urn === urn || priority === undefined || numberAt(other.inputs, "priority") !== priority)
      return false;
    const listeners = cloud.named(other.inputs["listenerArn"], other.dependencies["listenerArn"] ?? [], [
      "aws:lb/listener:Listener",
    ]);
    return own !== undefined && listeners[0]?.urn === own.urn;
  });
  if (rival) yield { path: "priority", allowed: `it is taken by ${rival.urn} on this listener`, source };
  for (const action of listAt(inputs, "actions").keys()) {
    const groups = `actions[${action}].forward.targetGroups`;
    for (const index of listAt(inputs, groups).keys())
      yield* range(inputs, `${groups}[${index}].weight`, [0, 999], source);
  }
}

function* webAcl({ inputs, place }: Asked): Iterable<Fault> {
  const source = "WAFV2 API, CreateWebACL";
  yield* pattern(inputs, "name", /^[\w-]{1,128}$/, "at most 128 of a-z, A-Z, 0-9, - and _", source);
  if (textAt(inputs, "scope") === "CLOUDFRONT" && place.region !== "us-east-1") {
    yield { path: "scope", allowed: "CLOUDFRONT is for providers in us-east-1", source };
  }
  const [priorities, names] = [new Set<unknown>(), new Set<unknown>()];
  for (const index of listAt(inputs, "rules").keys()) {
    const at = `rules[${index}]`;
    const [priority, name] = [numberAt(inputs, `${at}.priority`), textAt(inputs, `${at}.name`)];
    if (priority !== undefined && priorities.has(priority)) {
      yield { path: `${at}.priority`, allowed: "each rule needs a priority of its own", source };
    }
    if (name !== undefined && names.has(name)) {
      yield { path: `${at}.name`, allowed: "each rule needs a name of its own", source };
    }
    priorities.add(priority);
    names.add(name);
    const rule = inputs["rules"];
    const given = Array.isArray(rule) ? rule[index] : undefined;
    if (typeof given !== "object" || given === null || Array.isArray(given) || isUnknown(given)) continue;
    if (isGiven(given, "action") === isGiven(given, "overrideAction")) {
      yield { path: at, allowed: "it must have exactly one of action and overrideAction", source };
    }
  }
}

export const loadBalancingRules: Readonly<Record<string, readonly Rule[]>> = {
  [BALANCER]: [balancer, twoZones("subnets", `${API}, CreateLoadBalancer, Subnets`)],
  "aws:lb/targetGroup:TargetGroup": [targetGroup],
  "aws:lb/listener:Listener": [listener],
  [LISTENER_RULE]: [listenerRule],
  "aws:wafv2/webAcl:WebAcl": [webAcl],
};
