/** The local stack: backbone and services on this machine's Docker. */
import * as pulumi from "@pulumi/pulumi";
import { DockerBackbone } from "../components/backbone/docker-backbone";
import { BlueGreenDeployment } from "../components/deployments/blue-green";
import { CanaryDeployment } from "../components/deployments/canary";
import type { DeploymentArgs } from "../components/deployments/deployment";
import { DirectDeployment } from "../components/deployments/direct";
import { RollingDeployment } from "../components/deployments/rolling";
import type { StrategyKind } from "../provider/schema/strategy";
import { parseLocalConfig } from "./config";
import { declareRelease, readCommit, readEvidence, readImages } from "./release";
import type { LocalConfig } from "./schema";
import { checkRotation, declareSecrets } from "./secrets";
import type { SecretName } from "./secrets-matrix";
import { userErrors, type Stack } from "./stack";
import { chooseTarget, remember, type ReleasedVersion } from "./target";

/** Declares the local stack and answers its outputs. */
export const localStack: Stack = async ({ project, root, values, isSecret, recall }) => {
  const config = parseLocalConfig(values, isSecret);
  const images = readImages(root);
  const memory = await recall();
  const { postgres, redis, gateway, sample } = images;
  const { service, prefix, docker, readyTimeoutSeconds, strategy } = config;
  const { featureFlags, toggles, drainSeconds, secretRotation, serviceMemoryMb: memoryMb } = config;
  checkRotation("local", secretRotation);
  // Not where there is none: versions from before have nothing of it.
  const rotated = Object.keys(secretRotation).length > 0 && { secretRotation };
  const target = userErrors(() =>
    chooseTarget(
      {
        ...config,
        imageVersion: sample.version,
        commit: readCommit(root),
        content: { image: sample.reference, memoryMb, drainSeconds, featureFlags, toggles, ...rotated },
        keepWarm: strategy.kind !== "direct",
      },
      memory,
      new Date(),
    ),
  );
  const release = declareRelease({
    ...{ environment: "local", service, target, memory },
    images: { postgres: postgres.reference, redis: redis.reference, gateway: gateway.reference },
    evidence: readEvidence(root, target.version.commit),
    ...{ root, strategy, monitorSeconds: config.monitor.seconds, hotfix: config.hotfix },
  });
  const versions = [target.version, ...(target.kept === undefined ? [] : [target.kept])];
  const rotationsOf = (name: SecretName) => versions.map((version) => rotationOf(version, name));
  const secret = declareSecrets("local", project, {
    // The first one is what the data were initialised with.
    postgresPassword: ["", ...rotationsOf("postgresPassword")],
    redisPassword: rotationsOf("redisPassword"),
  });

  const backbone = new DockerBackbone("backbone", {
    prefix,
    network: docker.network,
    readyTimeoutSeconds,
    postgres: {
      image: postgres.reference,
      majorVersion: postgres.version.split(".")[0] ?? postgres.version,
      password: secret("postgresPassword", ""),
      memoryMb: docker.postgresMemoryMb,
    },
    redis: { image: redis.reference, memoryMb: docker.redisMemoryMb },
    gateway: {
      image: gateway.reference,
      port: docker.gatewayPort,
      maxBodyBytes: docker.maxBodyBytes,
      memoryMb: docker.gatewayMemoryMb,
    },
  });

  const postgresAt = once((rotation) =>
    backbone.postgres.login(rotation, secret("postgresPassword", rotation)),
  );
  const redisAt = once((rotation) => backbone.redis.login(rotation, secret("redisPassword", rotation)));
  const withStores = (version: ReleasedVersion) => ({
    ...version,
    stores: {
      postgres: postgresAt(rotationOf(version, "postgresPassword")),
      redis: redisAt(rotationOf(version, "redisPassword")),
    },
  });

  const args = {
    ...{ prefix, service, backbone, readyTimeoutSeconds },
    target: withStores(target.version),
    kept: target.kept && withStores(target.kept),
    rollback: target.rollback,
    replicas: config.replicas,
    migrations: config.migrations,
    backup: config.backup,
    migrationTimeoutSeconds: config.migrationTimeoutSeconds,
    smokeTimeoutSeconds: config.smokeTimeoutSeconds,
    pathPrefix: "/",
    environment: "local",
    history: ".slipway/history/local.jsonl",
  };
  const deployment = deploy(service, args, strategy);

  const outcome = pulumi.all([deployment.live, deployment.contracted, deployment.restoreCommand]);
  return {
    gatewayUrl: backbone.gatewayUrl,
    gateway: backbone.gatewayContainer,
    network: backbone.network,
    release: release.id,
    live: deployment.live,
    previous: deployment.previous,
    // Known once the rollout succeeded: an aborted version is not remembered.
    versions: outcome.apply(([, contracted, restoreCommand]) =>
      remember(target.version, { contracted, restoreCommand }, target.versions),
    ),
    held: outcome.apply(() => target.held),
    record: { sequence: deployment.record.sequence, hash: deployment.record.hash },
  };
};

function rotationOf({ secretRotation = {} }: ReleasedVersion, name: SecretName): string {
  return secretRotation[name] ?? "";
}

/** Makes one thing for each key. */
function once<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    const thing = made.get(key) ?? make(key);
    made.set(key, thing);
    return thing;
  };
}

function deploy(
  name: string,
  args: Omit<DeploymentArgs<StrategyKind>, "strategy">,
  strategy: LocalConfig["strategy"],
) {
  switch (strategy.kind) {
    case "direct":
      return new DirectDeployment(name, { ...args, strategy });
    case "blue-green":
      return new BlueGreenDeployment(name, { ...args, strategy });
    case "canary":
      return new CanaryDeployment(name, { ...args, strategy });
    case "rolling":
      return new RollingDeployment(name, { ...args, strategy });
  }
}
