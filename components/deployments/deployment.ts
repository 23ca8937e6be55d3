import * as pulumi from "@pulumi/pulumi";
import type { Strategy, StrategyKind } from "../../provider/schema/strategy";
import { DeploymentRecord } from "../../provider/sdk/deployment-record";
import { Rollout } from "../../provider/sdk/rollout";
import { ServiceVersion, type ServiceArgs, type VersionArgs } from "./service-version";

export interface DeploymentArgs<Kind extends StrategyKind> extends ServiceArgs {
  readonly strategy: Extract<Strategy, { kind: Kind }>;
  /** The version that is to have the traffic. */
  readonly target: VersionArgs;
  /** The version that stays warm beside it: the way back. */
  readonly kept: VersionArgs | undefined;
  /** The target was live before: traffic goes to it by the shortest way. */
  readonly rollback: boolean;
  /** Requests whose path starts with this go to the service. */
  readonly pathPrefix: string;
  readonly environment: string;
  /** The journal of deployments, a path from the project's root. */
  readonly history: string;
}

const types: Readonly<Record<StrategyKind, string>> = {
  direct: "slipway:deployments:DirectDeployment",
  "blue-green": "slipway:deployments:BlueGreenDeployment",
  canary: "slipway:deployments:CanaryDeployment",
  rolling: "slipway:deployments:RollingDeployment",
};

/**
 * A service in an environment: the version that is to be live, the one that stays warm, and the way from one to the other. What the
 * strategies have in common; each is a class of its own, and all are aliases of each other, so that another strategy rebuilds nothing.
 *
 * Destroying it takes the service off the gateway, then removes its versions.
 */
export abstract class Deployment<Kind extends StrategyKind> extends pulumi.ComponentResource {
  /** The version that has the traffic. */
  readonly live: pulumi.Output<string>;
  /** The version that had it before. */
  readonly previous: pulumi.Output<string | null>;
  /** Ids of the contract migrations that the target applied. */
  readonly contracted: pulumi.Output<string[]>;
  /** The command that puts the data back as they were before the target; none where it changed no schema. */
  readonly restoreCommand: pulumi.Output<string | null>;
  readonly record: DeploymentRecord;

  constructor(name: string, args: DeploymentArgs<Kind>, opts?: pulumi.ComponentResourceOptions) {
    const { kind } = args.strategy;
    const aliases = Object.values(types).filter((type) => type !== types[kind]);
    super(types[kind], name, {}, pulumi.mergeOptions(opts, { aliases: aliases.map((type) => ({ type })) }));
    const { service, environment, history, target, kept, rollback } = args;
    const { version } = target;
    const next = new ServiceVersion({ ...args, ...target }, { parent: this });
    const before = kept && new ServiceVersion({ ...args, ...kept }, { parent: this });

    const rollout = new Rollout(
      name,
      {
        gateway: args.backbone.gatewayContainer,
        pathPrefix: args.pathPrefix,
        strategy: args.strategy,
        smokeTest: next.smokeTest.id,
        ...{ service, version, environment, history, rollback },
      },
      // The way back has to be warm before anything moves.
      { parent: this, ...(before === undefined ? {} : { dependsOn: before.smokeTest }) },
    );
    const contract = next.schema.contract(rollout.id);
    before?.schema.contract(rollout.id);

    this.live = rollout.live;
    this.previous = rollout.previous;
    this.contracted = contract.applied;
    this.restoreCommand = next.schema.backup.backup.apply((backup) => backup?.restoreCommand ?? null);
    const previous = rollout.previous.apply((version) => version ?? undefined);
    this.record = new DeploymentRecord(
      `${name}-record`,
      {
        ...{ history, environment, service, version },
        commit: target.commit,
        action: rollback ? "rollback" : "deploy",
        strategy: kind,
        from: previous,
        shiftedAt: rollout.shiftedAt,
        steps: rollout.steps,
        // A way back takes what is there: no dump, no migration, and nobody goes back to what was just left.
        ...(rollback
          ? {}
          : {
              rollbackTarget: previous,
              backup: next.schema.backup.backup.apply((backup) => backup ?? undefined),
              migrations: pulumi.output({ expand: next.schema.expand.applied, contract: contract.applied }),
            }),
        featureFlags: target.featureFlags,
        toggles: target.toggles,
      },
      { parent: this },
    );
    this.registerOutputs({ live: this.live });
  }
}
