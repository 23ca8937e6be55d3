import { containerType } from "../../container";
import { notKnown, show, textOf } from "../../known";
import { resourceRule } from "../../rule";

const remoteImageType = "docker:index/remoteImage:RemoteImage";
const pinned = /^([^@\s]+@)?sha256:[0-9a-f]{64}$/;
const allowed = "Allowed: name@sha256:<64 hex digits>, or an image id sha256:<64 hex digits>.";

/** A reference that only the update will know is judged then. RemoteImage counts as well: its id is pinned, the tag it follows is not. */
export const requirePinnedImage = resourceRule({
  name: "containers-require-pinned-image",
  displayName: "Images are named by content",
  description:
    "An image is named by its digest: a tag is another image tomorrow, and is not the image that was tested.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Name the image by digest: docker image inspect --format '{{index .RepoDigests 0}}' <image>, or use what set-up wrote to .slipway/images.json.",
  seed: "Safe deployment workflow, step 3: deploy the artifact that was built and validated",
  unknown: "later",
  waivable: true,
  types: [containerType, remoteImageType],
  *check(resource, { type, name }) {
    const { image, build } = resource;
    const remote = type === remoteImageType;
    const reference = remote ? resource["name"] : image;
    if (reference === notKnown || pinned.test(textOf(reference)) || (remote && build !== undefined)) return;
    const subject = remote ? `RemoteImage "${name}" pulls` : `Container "${name}" runs the image`;
    yield `${subject} ${show(reference)}, which can change under its name. ${allowed} Name its digest.`;
  },
});
