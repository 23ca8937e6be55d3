/** Brings together what an update needs besides the core: the program, its plugins, the policy packs, the services they call. */
import type { DeploymentContext, DeploymentResult } from "../deploy/context";
import { DeploymentStopped } from "../deploy/context";
import { Deployment } from "../deploy/deployment";
import type { EventSink, PolicyPack, StateJournal } from "../model";
import { Monitor } from "./monitor";
import { packageVersions } from "./package-versions";
import { PluginHost } from "./plugin-host";
import type { PluginHostOptions } from "./plugin-host";
import { loadPolicyPacks } from "./policy-pack";
import type { PackSource } from "./policy-pack";
import { locateProgram, startProgram } from "./program";
import type { Program, ProgramSource, UpdateInfo } from "./program";

/** How long a program may take to end by itself once the deployment takes nothing more from it. */
const END_SECONDS = 5;

export interface UpdateOptions {
  /** Pulumi.yaml: where the program is, how it runs, and its local plugins. */
  project: ProgramSource & { providers: PluginHostOptions["plugins"] };
  /** The core's context but for what this brings. */
  context: Omit<DeploymentContext, "providers" | "packs" | "hooks" | "pluginVersions" | "journal">;
  /** Until it is there no code of the user's program runs; when it rejects, so does the update. */
  journal: Promise<StateJournal>;
  packs: PackSource[];
  /** The engine's own providers, by package. */
  builtin: PluginHostOptions["builtin"];
}

/**
 * Runs the program and does what it asks for (or, in a dry run, tells what would be done). Program, packs and plugins start at the
 * same time, while the journal may still be opening; all have ended when this resolves or rejects. Rejects when one of them cannot be started; what goes wrong later is
 * told by events, and by the result.
 */
export async function runUpdate({
  project,
  context,
  journal,
  packs,
  builtin,
}: UpdateOptions): Promise<DeploymentResult> {
  return withServices({ project, context, journal, builtin }, async (monitor, host, info) => {
    const output = quietened(context.events);
    const program = startProgram(project, info, monitor.address, output.sink);
    const loading = loadPolicyPacks(packs, info, monitor.address, context.events);
    host.warmUp();
    try {
      const [opened, loaded] = await Promise.all([journal, loading]);
      const deployment = new Deployment(coreContext(project, context, opened, monitor, host, loaded));
      const started = await deployment.start().then(() => true, whenStopped);
      if (!started) return await deployment.finish("");
      monitor.serveDeployment(deployment);
      void deployment.stopped.then(output.quieten);
      return await outcome(deployment, program);
    } finally {
      await Promise.all([program.stop(), loading.then(closeAll, () => undefined)]);
    }
  });
}

/** For commands that run no program: `run` gets a context whose providers work. */
export async function runWithoutProgram(
  options: Omit<UpdateOptions, "packs">,
  run: (context: DeploymentContext) => Promise<DeploymentResult>,
): Promise<DeploymentResult> {
  const { project, context, journal } = options;
  return withServices(options, async (monitor, host) =>
    run(coreContext(project, context, await journal, monitor, host, [])),
  );
}

async function withServices<T>(
  { project, context, journal, builtin }: Omit<UpdateOptions, "packs">,
  use: (monitor: Monitor, host: PluginHost, info: UpdateInfo) => Promise<T>,
): Promise<T> {
  const { events, options, config } = context;
  const info: UpdateInfo = { ...context, dryRun: options.dryRun, parallel: options.parallel };
  const programDirectory = locateProgram(project).directory;
  const monitor = await Monitor.start({
    info,
    projectRoot: project.root,
    programDirectory,
    events,
    permitted: journal,
  });
  const host = new PluginHost({
    engineAddress: monitor.address,
    project: context.project,
    projectRoot: project.root,
    programDirectory,
    runtime: project.runtime,
    config,
    plugins: project.providers,
    builtin,
    events,
  });
  try {
    return await use(monitor, host, info);
  } finally {
    await host.closeAll();
    monitor.close();
  }
}

function coreContext(
  project: ProgramSource,
  context: UpdateOptions["context"],
  journal: StateJournal,
  monitor: Monitor,
  providers: PluginHost,
  packs: PolicyPack[],
): DeploymentContext {
  const pluginVersions = packageVersions(locateProgram(project).directory);
  return { ...context, journal, providers, packs, hooks: monitor.hooks, pluginVersions };
}

/** Once the deployment has stopped, what the program still prints is the SDK's complaint about lost connections. */
function quietened(events: EventSink): { sink: EventSink; quieten: () => void } {
  let quiet = false;
  return {
    sink: (event) => events(quiet && event.kind === "diagnostic" ? { ...event, severity: "debug" } : event),
    quieten: () => (quiet = true),
  };
}

/** The program ends by itself when its requests are refused; if it has other things to do, it is ended. */
async function outcome(deployment: Deployment, program: Program): Promise<DeploymentResult> {
  let timer: NodeJS.Timeout | undefined;
  void deployment.stopped.then(() => {
    timer = setTimeout(() => void program.stop(), END_SECONDS * 1000);
  });
  const failure = await program.ended;
  clearTimeout(timer);
  return deployment.finish(failure);
}

/** The deployment has told by events why it could not start. */
function whenStopped(error: unknown): false {
  if (error instanceof DeploymentStopped) return false;
  throw error;
}

const closeAll = (packs: PolicyPack[]): Promise<unknown> => Promise.all(packs.map((pack) => pack.close()));
