/** Drives the provider as the engine does: check, create, diff, read, delete. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImagesManifest } from "../../../../images/manifest";
import { createDockerProvider } from "../../../../engine/providers/docker/provider";
import type { DiffResult, Provider, Subject } from "../../../../engine/model";
import type { Properties } from "../../../../engine/values";

/** Has /bin/sh, no configuration, and nothing to serve; `useImage` makes it. */
export const IMAGE = "slipway-test-base:latest";
export const SEED = Buffer.alloc(32, 7);
/** What the shared daemon knows our things by. */
export const PREFIX = `slipway-test-docker-${process.pid}`;

const TYPES = {
  Container: "docker:index/container:Container",
  Image: "docker:index/image:Image",
  Network: "docker:index/network:Network",
  RemoteImage: "docker:index/remoteImage:RemoteImage",
  Volume: "docker:index/volume:Volume",
};
export type Kind = keyof typeof TYPES;

export function subjectOf(kind: Kind, name: string): Subject {
  return { urn: `urn:pulumi:test::slipway-test::${TYPES[kind]}::${name}`, type: TYPES[kind], name };
}

export async function checkInputs(kind: Kind, news: Properties, name = "web"): Promise<Properties> {
  const { inputs, failures } = await createDockerProvider().check(subjectOf(kind, name), {}, news, SEED);
  assert.deepEqual(failures, []);
  return inputs;
}

export async function checkFailures(kind: Kind, news: Properties, name = "web"): Promise<string[]> {
  const { failures } = await createDockerProvider().check(subjectOf(kind, name), {}, news, SEED);
  return failures.map(({ reason }) => reason);
}

export interface Created {
  kind: Kind;
  id: string;
  subject: Subject & { id: string };
  inputs: Properties;
  outputs: Properties;
}

/** A stack of its own: removes what it made, last first. */
export class Stack {
  readonly provider: Provider = createDockerProvider();
  readonly #made: Created[] = [];

  async create(kind: Kind, name: string, news: Properties): Promise<Created> {
    const subject = subjectOf(kind, name);
    const { inputs, failures } = await this.provider.check(subject, {}, news, SEED);
    assert.deepEqual(failures, []);
    const { id, properties } = await this.provider.create(subject, inputs, 0, false);
    return this.adopt({ kind, id, subject: { ...subject, id }, inputs, outputs: properties });
  }

  adopt(created: Created): Created {
    this.#made.push(created);
    return created;
  }

  async diff({ kind, subject, inputs, outputs }: Created, news: Properties): Promise<DiffResult> {
    const checked = await this.provider.check(subjectOf(kind, subject.name), inputs, news, SEED);
    assert.deepEqual(checked.failures, []);
    return this.provider.diff(subject, inputs, outputs, checked.inputs, []);
  }

  async update(created: Created, news: Properties): Promise<void> {
    const { subject, inputs, outputs } = created;
    const checked = await this.provider.check(subject, inputs, news, SEED);
    const { properties } = await this.provider.update(subject, inputs, outputs, checked.inputs, 0, [], false);
    Object.assign(created, { inputs: checked.inputs, outputs: properties });
  }

  async refresh(created: Created): Promise<string> {
    const { id, inputs, properties } = await this.provider.read(
      created.subject,
      created.inputs,
      created.outputs,
    );
    if (id !== "") Object.assign(created, { outputs: properties, ...(inputs && { inputs }) });
    return id;
  }

  async delete(created: Created): Promise<void> {
    await this.provider.delete(created.subject, created.inputs, created.outputs, 0);
  }

  async destroy(): Promise<void> {
    for (const created of this.#made.reverse()) await this.delete(created);
    this.#made.length = 0;
  }
}

/** The paths of a diff with their kinds. */
export const kindsOf = (diff: DiffResult): Record<string, string> =>
  Object.fromEntries(Object.entries(diff.detailedDiff ?? {}).map(([path, { kind }]) => [path, kind]));

export const NO_CHANGE = { changes: "none", replaces: [], diffs: [], detailedDiff: {} };
export function withoutOrder(diff: DiffResult): Partial<DiffResult> {
  const { changes, replaces, diffs, detailedDiff } = diff;
  return { changes, replaces, diffs, ...(detailedDiff && { detailedDiff }) };
}

export const docker = (...args: string[]): string =>
  execFileSync("docker", args, { encoding: "utf8" }).trim();

/** For the tests of a suite: makes IMAGE of the files of the gateway's, which set-up has made from whatever source. */
export function useImage(): void {
  before(function () {
    this.timeout(240_000);
    const manifest = ImagesManifest.parse(JSON.parse(readFileSync(".slipway/images.json", "utf8")));
    const container = docker("create", manifest.images.gateway.reference);
    execFileSync("sh", ["-c", `docker export ${container} | docker import - ${IMAGE}`], { stdio: "ignore" });
    docker("rm", container);
  });
  after(() => docker("rmi", IMAGE));
}

/** Runs `work` against a Docker that answers what `listener` does. */
export async function withFakeDocker(
  listener: RequestListener,
  work: (provider: Provider) => Promise<void>,
  config: Properties = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-docker-"));
  const server = createServer(listener);
  const socket = join(folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  try {
    const provider = createDockerProvider();
    const subject = {
      urn: "urn:pulumi:test::p::pulumi:providers:docker::d",
      type: "pulumi:providers:docker",
      name: "d",
    };
    await provider.configure({ ...subject, id: "1" }, { host: `unix://${socket}`, ...config });
    await work(provider);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  }
}
