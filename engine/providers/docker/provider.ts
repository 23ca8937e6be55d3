/**
 * The provider `docker` of the embedded engine: @pulumi/docker's Network, Volume, RemoteImage, Image and Container over Docker's
 * API, with the inputs, outputs and diffs of @pulumi/docker 5.2, so that either takes the other's stack over.
 *
 * It does better where that provider surprises: what it would change in its state alone replaces the container; spellings that
 * mean the same ("90s" and "1m30s", cpus "1" and "1.0", NET_ADMIN and CAP_NET_ADMIN) are no difference; `wait` follows Docker's
 * events and tells why a container is not healthy; networks are not waited for; and a container that was made but did not
 * become ready is replaced.
 *
 * Not supported, each an error of Check that names it: `cluster` of Volume; `build` of RemoteImage; BuilderBuildKit of Image;
 * names (not numbers) as `owner` or `group` of an upload; uploads into a container with `readOnly`; `gpus` other than "all", a
 * number or "device=…"; `wait` together with `attach`; `sshOpts` and ssh:// hosts; every other resource and function.
 */
import type { Provider, Subject } from "../../model";
import type { Properties } from "../../values";
import { containsUnknowns, valuesEqual } from "../../values";
import { Container } from "./container";
import { Daemon } from "./daemon";
import { Cancelled, withDeadline } from "./deadline";
import type { DockerConfig } from "./endpoint";
import { resolveEndpoint } from "./endpoint";
import { Image } from "./image";
import { INVOKES } from "./invokes";
import { Network } from "./network";
import { checkProviderConfig, decodeProviderConfig } from "./provider-config";
import { RemoteImage } from "./remote-image";
import type { Operation, Resource } from "./resource";
import { textOf } from "./schema";
import { Volume } from "./volume";

/** As long as the bridged provider gives an operation that has no custom time-out. */
const DEFAULT_TIMEOUT_SECONDS = 20 * 60;

/** Nothing is loaded or connected to before the first operation that needs Docker: previews of new resources need none. */
export function createDockerProvider(): Provider {
  return new DockerProvider();
}

class DockerProvider implements Provider {
  readonly acceptSecrets = false;
  readonly acceptResources = false;
  readonly supportsPreview = true;
  readonly #resources: Record<string, Resource> = {
    "docker:index/container:Container": new Container(),
    "docker:index/image:Image": new Image(),
    "docker:index/network:Network": new Network(),
    "docker:index/remoteImage:RemoteImage": new RemoteImage(),
    "docker:index/volume:Volume": new Volume(),
  };
  readonly #cancelling = new AbortController();
  #config: DockerConfig = {};
  readonly #daemon = new Daemon(() => resolveEndpoint(this.#config, process.env));

  readonly checkConfig: Provider["checkConfig"] = async ({ name }, _olds, news) =>
    checkProviderConfig(name, news);

  /** Another daemon's objects are not replaced: nobody knows where they went. */
  readonly diffConfig: Provider["diffConfig"] = async (_subject, oldInputs, _oldOutputs, news) => {
    const names = new Set([...Object.keys(oldInputs), ...Object.keys(news)]);
    const diffs = [...names].filter((name) => !valuesEqual(oldInputs[name], news[name]));
    return { changes: diffs.length > 0 ? "some" : "none", replaces: [], deleteBeforeReplace: false, diffs };
  };

  readonly configure: Provider["configure"] = async (_subject, inputs) => {
    this.#config = decodeProviderConfig(inputs);
  };

  readonly check: Provider["check"] = async (subject, olds, news, randomSeed) =>
    this.#of(subject).check(subject, olds, news, randomSeed);

  readonly diff: Provider["diff"] = async (subject, _oldInputs, oldOutputs, news, ignoreChanges) =>
    this.#of(subject).diff(oldOutputs, news, ignoreChanges);

  readonly create: Provider["create"] = (subject, inputs, timeoutSeconds, preview) =>
    this.#run(subject, timeoutSeconds, async (resource, operation) =>
      preview
        ? { id: "", properties: await resource.preview(operation, inputs) }
        : resource.create(operation, subject, known(subject, inputs)),
    );

  readonly update: Provider["update"] = (subject, _inputs, outputs, news, timeoutSeconds, _ignore, preview) =>
    this.#run(subject, timeoutSeconds, async (resource, operation) => ({
      properties: preview
        ? await resource.preview(operation, news, outputs)
        : await resource.update(operation, subject.id, outputs, known(subject, news)),
    }));

  readonly delete: Provider["delete"] = (subject, _oldInputs, oldOutputs, timeoutSeconds) =>
    this.#run(subject, timeoutSeconds, (resource, operation) =>
      resource.delete(operation, subject.id, oldOutputs),
    );

  readonly read: Provider["read"] = (subject, inputs, state) =>
    this.#run(subject, 0, (resource, operation) => resource.read(operation, subject.id, inputs, state));

  readonly invoke: Provider["invoke"] = async (token, args) => {
    const invoke = INVOKES[token];
    if (!invoke) throw unsupported(`function ${token}`, Object.keys(INVOKES));
    const unknown = Object.keys(args).filter((argument) => argument !== "name");
    if (unknown.length > 0) throw unsupported(`argument ${unknown.join(", ")} of ${token}`, ["name"]);
    const result = await this.#operate(0, (operation) => invoke(operation, textOf(args.name)));
    return { result, failures: [] };
  };

  /** Waits, pulls and builds that run end at once with an error; what they made stays in the state. */
  async cancel(): Promise<void> {
    this.#cancelling.abort(new Cancelled());
  }

  async close(): Promise<void> {}

  #of({ type }: Subject): Resource {
    const resource = this.#resources[type];
    if (!resource) throw unsupported(`resource ${type}`, Object.keys(this.#resources));
    return resource;
  }

  async #run<T>(
    subject: Subject,
    timeoutSeconds: number,
    work: (resource: Resource, operation: Operation) => Promise<T>,
  ): Promise<T> {
    const resource = this.#of(subject);
    return this.#operate(timeoutSeconds, (operation) => work(resource, operation));
  }

  #operate<T>(timeoutSeconds: number, work: (operation: Operation) => Promise<T>): Promise<T> {
    return withDeadline(this.#cancelling.signal, timeoutSeconds || DEFAULT_TIMEOUT_SECONDS, (signal) =>
      work({ daemon: this.#daemon, config: this.#config, signal }),
    );
  }
}

const unsupported = (what: string, supported: string[]): Error =>
  new Error(
    `the embedded docker provider has no ${what}: use the Pulumi CLI for it. It has ${supported.join(", ")}.`,
  );

/** Docker must never be given the text that stands for an unknown. */
function known(subject: Subject, inputs: Properties): Properties {
  if (containsUnknowns(inputs)) throw new Error(`${subject.urn}: an input is still unknown`);
  return inputs;
}
