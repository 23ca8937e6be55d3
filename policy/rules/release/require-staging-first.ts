import { releaseGate } from "../../gate";
import { objectOf, show, textOf } from "../../known";
import { amount } from "../../rule";

const hour = 3_600_000;
const mend =
  "Release this version to staging first, let its smoke test pass and let it soak, then promote it.";

export const requireStagingFirst = releaseGate({
  name: "release-require-staging-first",
  displayName: "Staging first",
  description: "Production gets what staging runs: the same images, smoke-tested there and soaked.",
  severity: "critical",
  remediationSteps: mend,
  seed: "DevOps engineer, prohibitions: no direct production pushes, always through staging first; quality gate: smoke test passed in staging",
  waivable: false,
  environments: ["production"],
  options: {
    soakHours: amount(
      "How long staging must have run the version with all its traffic, in hours; a hotfix skips it.",
      0,
      24,
    ),
  },
  *check({ version, commit, images, service, upstream, hotfix }, { options, now }) {
    if (upstream === undefined) {
      yield `comes from nowhere: staging has not deployed anything. Allowed: what staging runs. ${mend}`;
      return;
    }
    const before = objectOf(upstream);
    for (const [what, wanted, found] of [
      ["version", version, before["version"]],
      ["commit", commit, before["commit"]],
    ] as const) {
      if (wanted !== found)
        yield `has the ${what} ${show(wanted)}, and staging runs ${show(found)}. Allowed: the same. ${mend}`;
    }
    const own = digestOf(objectOf(images)[textOf(service)]);
    const tested = digestOf(objectOf(before["images"])[textOf(service)]);
    if (own === "" || own !== tested) {
      yield `runs the image ${own || "(none)"}, and staging runs ${tested || "(none)"}. Allowed: the image that was tested there, by digest. ${mend}`;
    }
    const smoke = Date.parse(textOf(before["smokePassedAt"]));
    if (!(smoke <= now.getTime())) {
      yield `has passed no smoke test in staging. Allowed: one that passed. ${mend}`;
    }
    const soaked = (now.getTime() - Date.parse(textOf(before["liveSince"]))) / hour;
    if (hotfix !== true && !(soaked >= options.soakHours)) {
      const since = Number.isNaN(soaked)
        ? "has not been live in staging"
        : `has soaked in staging for ${Math.floor(soaked)} hours`;
      yield `${since}. Allowed: ${options.soakHours} hours, or a hotfix with its approval. ${mend}`;
    }
  },
});

function digestOf(reference: unknown): string {
  return /sha256:[0-9a-f]{64}$/.exec(textOf(reference))?.[0] ?? "";
}
