import { requireStagingFirst } from "../../../../policy/rules/release/require-staging-first";
import { digest } from "../../compliant";
import { describeGate, hoursAgo, upstream } from "../../gates";

const mend =
  "Release this version to staging first, let its smoke test pass and let it soak, then promote it.";
const image = `sha256:${digest("sample")}`;
const other = `sha256:${digest("other")}`;
const { liveSince, smokePassedAt, ...untested } = upstream;

describeGate(requireStagingFirst, {
  reads: ["upstream", "version", "commit", "images", "hotfix"],
  onlyInProduction: true,
  alsoPasses: [
    { images: { sample: `registry.example/sample@${image}` } },
    { hotfix: true, upstream: { ...upstream, liveSince: hoursAgo(0.1) } },
  ],
  broken: {
    "a direct push to production": [
      { upstream: undefined },
      `comes from nowhere: staging has not deployed anything. Allowed: what staging runs. ${mend}`,
    ],
    "another version and commit than staging's": [
      { version: "1.5.0", commit: "f".repeat(40) },
      `has the version "1.5.0", and staging runs "1.4.0". Allowed: the same. ${mend}`,
      `has the commit "${"f".repeat(40)}", and staging runs "0123456789abcdef0123456789abcdef01234567". Allowed: the same. ${mend}`,
    ],
    "an image that was not tested": [
      { images: { sample: other } },
      `runs the image ${other}, and staging runs ${image}. Allowed: the image that was tested there, by digest. ${mend}`,
    ],
    "an image by a tag": [
      { images: { sample: "sample:1.4.0" } },
      `runs the image (none), and staging runs ${image}. Allowed: the image that was tested there, by digest. ${mend}`,
    ],
    "no smoke test in staging": [
      { upstream: { ...untested, liveSince } },
      `has passed no smoke test in staging. Allowed: one that passed. ${mend}`,
    ],
    "a smoke test of the future": [
      { upstream: { ...upstream, smokePassedAt: hoursAgo(-1) } },
      `has passed no smoke test in staging. Allowed: one that passed. ${mend}`,
    ],
    "a short soak": [
      { upstream: { ...upstream, liveSince: hoursAgo(2.5) } },
      `has soaked in staging for 2 hours. Allowed: 24 hours, or a hotfix with its approval. ${mend}`,
    ],
    "no soak": [
      { upstream: { ...untested, smokePassedAt } },
      `has not been live in staging. Allowed: 24 hours, or a hotfix with its approval. ${mend}`,
    ],
    "a hotfix past staging": [
      { hotfix: true, upstream: undefined },
      `comes from nowhere: staging has not deployed anything. Allowed: what staging runs. ${mend}`,
    ],
  },
});

describeGate(requireStagingFirst, {
  reads: [],
  onlyInProduction: true,
  config: { soakHours: 100 },
  compliant: { upstream: { ...upstream, liveSince: hoursAgo(101) } },
  broken: {
    "a soak shorter than configured": [
      { upstream },
      `has soaked in staging for 48 hours. Allowed: 100 hours, or a hotfix with its approval. ${mend}`,
    ],
  },
});
