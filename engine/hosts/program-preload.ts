/**
 * Loaded into the program's process before the SDK's runner (`node --require`). It spares what the SDK does at great cost and what
 * serves nobody here; the program sees no difference, nor do its errors, and without this file everything works the same, slower.
 */
import Module, { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";

type Methods = Record<string, (...args: never[]) => unknown>;

/** A place in a program's source, as the SDK tells it. */
interface Callsite {
  file?: string;
  line?: number;
  column?: number;
}

// Threads of the program load this too. Its processes do not, once the two words that say so, the first ones, are gone.
if (isMainThread) {
  process.execArgv.splice(0, 2);
  lighten(createRequire(process.argv[1] ?? __filename));
}

/** @param sdk requires as cmd/run does. */
function lighten(sdk: NodeJS.Require): void {
  // They serialise functions, as few programs do, and are most of what loading the SDK costs.
  deferred(sdk, "../../typescript-shim");
  deferred(sdk, "@npmcli/arborist");
  // First, as in cmd/run: it instruments gRPC before that is loaded.
  loaded(sdk, "./instrumentation");
  replace(loaded(sdk, "../../log"), "debug", unsaid);
  if (!process.env["PULUMI_DEBUG_PROMISE_LEAKS"]) {
    replace(loaded(sdk, "../../runtime/debuggable"), "debuggablePromise", withoutStack);
  }
  replace(loaded(sdk, "../../resource")?.["Resource"] as Methods | undefined, "callsites", remembered);
}

function loaded(sdk: NodeJS.Require, path: string): Methods | undefined {
  try {
    return sdk(path) as Methods;
  } catch {
    return undefined; // An SDK that is built otherwise: the runner tells what is amiss, if anything is.
  }
}

function replace(
  target: Methods | undefined,
  name: string,
  make: (original: Methods[string]) => Methods[string],
): void {
  const original = target?.[name];
  if (target && typeof original === "function") target[name] = make(original);
}

/** A stand-in for a module of which only named exports are used, loaded when the first of them is. */
function deferred(sdk: NodeJS.Require, path: string): void {
  let file: string;
  try {
    file = sdk.resolve(path);
  } catch {
    return;
  }
  let real: Record<PropertyKey, unknown> | undefined;
  const load = (): Record<PropertyKey, unknown> => {
    delete sdk.cache[file];
    return sdk(file) as Record<PropertyKey, unknown>;
  };
  const standIn = new Module(file);
  // An ES module by its own account: importers then take it as it is, without copying what it exports.
  standIn.exports = new Proxy({}, { get: (_, key) => key === "__esModule" || (real ??= load())[key] });
  standIn.loaded = true;
  sdk.cache[file] = standIn;
}

/** Five of seven calls that a resource costs say what no display of this engine shows. */
function unsaid(): Methods[string] {
  return () => Promise.resolve();
}

/** The stack of every promise is wanted only by those who look for leaks. */
function withoutStack(original: Methods[string]): Methods[string] {
  return (...args) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return original(...args);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

/** Where in the sources a place in the code is, through source maps, is found once for each place and not for each resource. */
function remembered(original: Methods[string]): Methods[string] {
  const known = new Map<string, Callsite>();
  return function callsites(this: unknown) {
    const places = codePlaces();
    const remembered = places.map((place) => known.get(place));
    if (!remembered.includes(undefined)) return remembered;
    // Without its own frame: this function's takes its place.
    const sites = (original.call(this) as Callsite[]).slice(1);
    if (sites.length === places.length) sites.forEach((site, index) => known.set(places[index] ?? "", site));
    return sites;
  };
}

/** The caller's stack, as the code has it: `file:line:column`. */
function codePlaces(): string[] {
  const usual = {
    stackTraceLimit: Error.stackTraceLimit,
    prepareStackTrace: Reflect.get(Error, "prepareStackTrace") as unknown,
  };
  Error.stackTraceLimit = Infinity;
  Error.prepareStackTrace = (_, sites) =>
    sites.map(
      (site) =>
        `${site.getFileName() ?? site.getEvalOrigin()}:${site.getLineNumber()}:${site.getColumnNumber()}`,
    );
  const holder: { stack?: string[] } = {};
  Error.captureStackTrace(holder, codePlaces);
  const { stack = [] } = holder;
  Object.assign(Error, usual);
  return stack;
}
