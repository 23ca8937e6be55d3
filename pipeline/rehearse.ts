/** `npm run rehearse`: the life of a stack on AWS and Cloudflare in memory, with the real program and the real pack. */
import { Stage, type Ran } from "./rehearsal/stage";
import { formatDuration, type Say } from "./setup/step";
import { UserError } from "./user-error";

interface Step {
  readonly name: string;
  /** What is wrong; undefined when the step went as it must. */
  readonly play: (stage: Stage) => Promise<string | undefined>;
}

/** ECS bakes for whole minutes, and a rolling update not at all. */
const shifting = [
  { kind: "blue-green", bakeSeconds: 60 },
  { kind: "canary", steps: [10, 100], bakeSeconds: 60 },
];
/** Production waits for an approval, which ECS can only do where it shifts traffic. */
const strategiesOf: Readonly<Record<string, readonly { readonly kind: string }[]>> = {
  staging: [{ kind: "direct" }, ...shifting, { kind: "rolling", bakeSeconds: 0 }],
  production: shifting,
};
const first = "1.0.0";
const versionOf = (index: number): string => `1.${index + 1}.0`;
const broken = "2.0.0";

/** Plays every step in order; answers the exit code, 0 when all went as they must. */
export async function rehearse(root: string, stack: string, say: Say): Promise<number> {
  const strategies = strategiesOf[stack];
  if (strategies === undefined) {
    const stacks = Object.keys(strategiesOf).join(", ");
    throw new UserError(`The stack "${stack}" is not rehearsed; these are: ${stacks}.`);
  }
  const stage = new Stage(root, stack);
  const rows: { name: string; verdict: string; took: string }[] = [];
  let exitCode = 0;
  try {
    for (const { name, play } of stepsOf(stack, strategies)) {
      const start = performance.now();
      const fault = await play(stage);
      const verdict = fault === undefined ? "as it must" : "WRONG";
      rows.push({ name, verdict, took: formatDuration(performance.now() - start) });
      say(`${name}: ${fault ?? verdict}`);
      if (fault === undefined) continue;
      exitCode = 1;
      // What follows builds on it.
      break;
    }
  } finally {
    stage.close();
  }
  const width = Math.max(...rows.map(({ name }) => name.length));
  say("");
  for (const { name, verdict, took } of rows) say(`${name.padEnd(width)}  ${verdict.padEnd(10)}  ${took}`);
  say(
    exitCode === 0
      ? `The rehearsal of ${stack} went as it must. Nothing real was touched; what only a real release can prove of its commit was not demanded.`
      : `The rehearsal of ${stack} stopped: see above.`,
  );
  return exitCode;
}

function stepsOf(stack: string, strategies: readonly { readonly kind: string }[]): Step[] {
  const [before, last] = [versionOf(strategies.length - 2), versionOf(strategies.length - 1)];
  const upgrades = strategies.map((strategy, index): Step => {
    const version = versionOf(index);
    return {
      name: `upgrade to ${version}, ${strategy.kind}`,
      play: async (stage) => {
        stage.configure({ strategy, version });
        // It takes the old tasks away first, which on AWS is for a waiver to allow.
        stage.waive(strategy.kind === "direct" ? ["aws-require-rollback-on-failure"] : []);
        return failed(await stage.up()) ?? (await liveIs(stage, version));
      },
    };
  });
  return [
    {
      name: `create with ${first}`,
      play: async (stage) => {
        const made = await stage.run(["stack", "init", stack]);
        if (made.exitCode !== 0) return made.output;
        stage.configure({ version: first });
        return failed(await stage.up()) ?? (await liveIs(stage, first)) ?? (await releaseFirst(stage));
      },
    },
    ...upgrades,
    {
      name: `failing ${broken}, which ECS rolls back without a word`,
      play: async (stage) => {
        stage.configure({ version: broken });
        const { exitCode, output } = await stage.up(broken);
        if (exitCode === 0)
          return `the update says that it succeeded, and ${broken} does not run:\n${output}`;
        return liveIs(stage, last);
      },
    },
    {
      name: `rollback to ${before}`,
      play: async (stage) => {
        stage.configure({ version: last, rollbackTo: before });
        const fault = failed(await stage.up()) ?? (await liveIs(stage, before));
        stage.configure({ version: before, rollbackTo: "" });
        return fault;
      },
    },
    {
      name: "rotation of the Redis password",
      play: async (stage) => {
        const before = await passwordResources(stage);
        stage.configure({ secretRotation: { redisPassword: new Date().toISOString().replace(/\.\d+/, "") } });
        const fault = failed(await stage.up());
        if (fault !== undefined) return fault;
        return (await passwordResources(stage)) === before ? "no password was made anew" : undefined;
      },
    },
    {
      name: "destroy, refused by protection",
      play: async (stage) => {
        const protectedOnes = (await stage.resources()).filter(({ protect }) => protect === true);
        if (protectedOnes.length === 0) return "nothing is protected";
        const { exitCode } = await stage.run(["destroy", "--yes", "--skip-preview"]);
        if (exitCode === 0) return "it was destroyed, although data are protected";
        const left = new Set((await stage.resources()).map(({ urn }) => urn));
        const lost = protectedOnes.find(({ urn }) => !left.has(urn));
        return lost && `${lost.urn} is protected, and it is gone`;
      },
    },
    {
      name: "protection lifted, destroy",
      play: async (stage) => {
        stage.waive(["aws-require-deletion-protection", "cloudflare-require-database-protection"]);
        stage.configure({ "cloud.protect": false });
        const fault = failed(await stage.up());
        if (fault !== undefined) return fault;
        const gone = failed(await stage.run(["destroy", "--yes", "--skip-preview"]));
        const left = await stage.resources();
        return gone ?? (left.length > 0 ? `${left.length} resources are left` : undefined);
      },
    },
  ];
}

const failed = ({ exitCode, output }: Ran): string | undefined =>
  exitCode === 0 ? undefined : `the engine ended with exit code ${exitCode}:\n${output}`;

async function liveIs(stage: Stage, version: string): Promise<string | undefined> {
  const { live } = await stage.outputs();
  return live === version ? undefined : `${version} must be live, and the stack says ${String(live)}`;
}

/** The gate comes before everything: nothing but providers and the stack is older in the state. */
async function releaseFirst(stage: Stage): Promise<string | undefined> {
  const made = (await stage.resources()).filter(({ type }) => !/^pulumi:/.test(type));
  return made[0]?.type === "slipway:index:Release"
    ? undefined
    : `${made[0]?.urn ?? "nothing"} came before the release`;
}

async function passwordResources(stage: Stage): Promise<string> {
  const made = (await stage.resources()).filter(
    ({ type }) => type === "random:index/randomPassword:RandomPassword",
  );
  return JSON.stringify(made.map(({ inputs }) => inputs));
}
