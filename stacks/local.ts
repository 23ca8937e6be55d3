/** The local stack: backbone and services on this machine's Docker. */
import type * as pulumi from "@pulumi/pulumi";
import { DockerBackbone } from "../components/backbone/docker-backbone";
import { DirectDeployment } from "../components/deployments/direct";
import type { StackConfig } from "./config";
import { declareRelease, releaseVersion, type LastOutputs, type ReleaseFacts } from "./release";
import { declareSecrets } from "./secrets";

/** Declares the local stack and answers its outputs. */
export function localStack(
  project: string,
  config: StackConfig,
  facts: ReleaseFacts,
  last: pulumi.Output<LastOutputs>,
) {
  const { postgres, redis, gateway, sample } = facts.images;
  const { service, prefix, readyTimeoutSeconds } = config;
  const version = releaseVersion(config.version, sample);
  const release = declareRelease("local", service, version, facts, last);
  const secrets = declareSecrets("local", project, config.secretRotation);

  const backbone = new DockerBackbone("backbone", {
    prefix,
    network: config.network,
    readyTimeoutSeconds,
    postgres: {
      image: postgres.reference,
      majorVersion: postgres.version.split(".")[0] ?? postgres.version,
      password: secrets.postgresPassword,
      memoryMb: config.postgresMemoryMb,
    },
    redis: { image: redis.reference, password: secrets.redisPassword, memoryMb: config.redisMemoryMb },
    gateway: {
      image: gateway.reference,
      port: config.gatewayPort,
      maxBodyBytes: config.maxBodyBytes,
      memoryMb: config.gatewayMemoryMb,
    },
  });

  const deployment = new DirectDeployment(service, {
    prefix,
    service,
    version,
    image: sample.reference,
    replicas: config.replicas,
    memoryMb: config.serviceMemoryMb,
    backbone,
    gateway: backbone.gatewayContainer,
    pathPrefix: "/",
    readyTimeoutSeconds,
    smokeTimeoutSeconds: config.smokeTimeoutSeconds,
    drainSeconds: config.drainSeconds,
  });

  return {
    gatewayUrl: backbone.gatewayUrl,
    network: backbone.network,
    release: release.id,
    live: deployment.live,
    // Null, since the SDK warns of an undefined output.
    previous: release.previousVersion.apply((version) => version ?? null),
  };
}
