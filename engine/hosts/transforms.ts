/** Transforms: functions of the program that change what it registers or invokes before the engine sees it. */
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import {
  TransformInvokeRequest,
  TransformInvokeResponse,
  TransformRequest,
  TransformResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import type { TransformInvokeOptions, TransformResourceOptions } from "@pulumi/pulumi/proto/resource_pb";
import { OUTPUT, SIG, isObject, signatureOf } from "../values";
import type { Properties } from "../values";
import { EVERYTHING } from "./callbacks";
import type { CallbackClients, CallbackFunction } from "./callbacks";
import { downgradeOutputs, fromStruct, outputDependencies, toStruct, upgradeToOutputs } from "./wire";

/** What a transform is told of a resource but cannot change. */
export interface Subject {
  type: string;
  name: string;
  custom: boolean;
  parent: string;
}

/** What transforms work on. */
export interface Draft {
  inputs: Properties;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  options: TransformResourceOptions;
}

export class Transforms {
  private readonly stack: CallbackFunction[] = [];
  private readonly invokes: CallbackFunction[] = [];
  private readonly resources = new Map<string, { parent: string; own: CallbackFunction[] }>();

  constructor(private readonly clients: CallbackClients) {}

  addToStack(callback: Callback): void {
    this.stack.push(this.clients.bind(callback));
  }

  addToInvokes(callback: Callback): void {
    this.invokes.push(this.clients.bind(callback));
  }

  bind(callbacks: Callback[]): CallbackFunction[] {
    return callbacks.map((callback) => this.clients.bind(callback));
  }

  /** The resource has its URN: its transforms apply to its children from now on. */
  registered(urn: string, parent: string, own: CallbackFunction[]): void {
    this.resources.set(urn, { parent, own });
  }

  /** Runs a resource's own transforms, those of its parents from the nearest on, and those of the stack. */
  async apply(subject: Subject, own: CallbackFunction[], draft: Draft): Promise<Draft> {
    const all = [...own, ...this.inherited(subject.parent), ...this.stack];
    if (all.length === 0) return { ...draft, inputs: downgradeOutputs(draft.inputs) };
    let properties = upgradeToOutputs(draft.inputs);
    // Only a resource's own transforms are told of dependencies, which they may then move or drop (source_eval.go).
    if (own.length > 0) properties = withDependencies(properties, draft.propertyDependencies);
    let { options } = draft;
    for (const transform of all)
      ({ properties, options } = await transformOnce(transform, subject, properties, options));

    const dependencies = new Set(own.length > 0 ? options.getDependsOnList() : draft.dependencies);
    const propertyDependencies: Record<string, string[]> = {};
    for (const [key, value] of Object.entries(properties)) {
      const known = own.length > 0 ? [] : (draft.propertyDependencies[key] ?? []);
      const urns = [...outputDependencies(value, new Set(known))];
      propertyDependencies[key] = urns;
      if (own.length > 0) for (const urn of urns) dependencies.add(urn);
    }
    return {
      inputs: downgradeOutputs(properties),
      dependencies: [...dependencies],
      propertyDependencies,
      options,
    };
  }

  async applyToInvoke(
    token: string,
    args: Properties,
    options: TransformInvokeOptions,
  ): Promise<{ args: Properties; options: TransformInvokeOptions }> {
    let result = { args, options };
    for (const transform of this.invokes) {
      const request = new TransformInvokeRequest();
      request.setToken(token);
      request.setArgs(toStruct(result.args, EVERYTHING));
      request.setOptions(result.options);
      const response = TransformInvokeResponse.deserializeBinary(await transform(request.serializeBinary()));
      result = {
        args: response.hasArgs() ? fromStruct(response.getArgs()) : result.args,
        options: response.getOptions() ?? result.options,
      };
    }
    return { ...result, args: downgradeOutputs(result.args) };
  }

  private inherited(parent: string): CallbackFunction[] {
    const found: CallbackFunction[] = [];
    for (let urn = parent; urn !== "";) {
      const resource = this.resources.get(urn);
      found.push(...(resource?.own ?? []));
      urn = resource?.parent ?? "";
    }
    return found;
  }
}

async function transformOnce(
  transform: CallbackFunction,
  { type, name, custom, parent }: Subject,
  properties: Properties,
  options: TransformResourceOptions,
): Promise<{ properties: Properties; options: TransformResourceOptions }> {
  const request = new TransformRequest();
  request.setType(type);
  request.setName(name);
  request.setCustom(custom);
  request.setParent(parent);
  request.setProperties(toStruct(properties, EVERYTHING));
  request.setOptions(options);
  const response = TransformResponse.deserializeBinary(await transform(request.serializeBinary()));
  return {
    properties: response.hasProperties() ? fromStruct(response.getProperties()) : properties,
    options: response.getOptions() ?? options,
  };
}

/** Each property that depends on more than the output values inside it say becomes one output value that says so. */
function withDependencies(properties: Properties, known: Record<string, string[]>): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => {
      const inside = outputDependencies(value);
      if ((known[key] ?? []).every((urn) => inside.has(urn))) return [key, value];
      const output = isObject(value) && signatureOf(value) === OUTPUT ? value : { [SIG]: OUTPUT, value };
      const own = Array.isArray(output["dependencies"]) ? output["dependencies"] : [];
      return [key, { ...output, dependencies: [...new Set([...own, ...(known[key] ?? [])])] }];
    }),
  );
}
