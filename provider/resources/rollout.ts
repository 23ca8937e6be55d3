import type { Properties } from "../../engine/values";
import { unlessGone } from "../docker";
import { parseRoute } from "../gateway/maps";
import type { ResourceKind } from "../resource";
import type { RolloutOutputs } from "../rollout/run";
import { runRollout } from "../rollout/run";
import { withdraw } from "../rollout/routes";
import { type RolloutInputs, rolloutSchema } from "../schema/rollout";
import { foresee } from "../strategies/plan";

const unchanging = ["shiftedAt", "shiftMilliseconds", "steps", "plan"];

/** What `foresee` needs to know for a plan. */
const foreseeable = rolloutSchema.pick({ version: true, strategy: true, rollback: true });

/** Where a service's traffic goes, and the way there. */
export const rollout: ResourceKind<RolloutInputs, RolloutOutputs> = {
  schema: rolloutSchema,
  identity: ["gateway", "service"],
  id: ({ service }) => service,
  create: (inputs, context) => runRollout(inputs, undefined, context),
  update: (inputs, old, context) => runRollout(inputs, old, context),
  async delete(old, context) {
    await unlessGone(() => withdraw(context.openGateway(old.gateway), old.service, context.signal));
  },
  async read(old, context) {
    const maps = await unlessGone(() => context.openGateway(old.gateway).readMaps());
    const value = maps?.routes.get(old.service);
    if (value === undefined) return undefined;
    const { stable, candidate, weightPercent } = parseRoute(value);
    // A route in the middle is not what was asked for, though its stable version is.
    const other = weightPercent > 0 ? candidate : undefined;
    const previous = stable === old.live ? old.previous : old.live;
    return {
      ...{ version: stable === old.version ? (other ?? stable) : stable, live: stable },
      ...{ shiftedAt: old.shiftedAt, shiftMilliseconds: old.shiftMilliseconds },
      ...{ steps: old.steps, plan: old.plan },
      previous,
    };
  },
  foresee(inputs, old) {
    const { version = null } = inputs;
    const live = old?.["live"];
    if (old === undefined || typeof live !== "string") return { live: version };
    if (live === version) return keep(old, ["live", "previous", ...unchanging]);
    const target = foreseeable.safeParse(keep(inputs, ["version", "strategy", "rollback"]));
    if (!target.success) return { live: version, previous: live };
    const { rollback = false, ...rest } = target.data;
    return { live: version, previous: live, plan: foresee(live, { ...rest, rollback }) };
  },
  drift: (inputs, old) => (inputs["version"] === old["version"] ? [] : ["version"]),
};

/** Those of the properties that are there. */
function keep(properties: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)));
}
