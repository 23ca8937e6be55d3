import { containerType } from "../../container";
import { notKnown, show, textOf } from "../../known";
import { checkResource, type Rule } from "../../rule";

const pinned = /^([^@\s]+@)?sha256:[0-9a-f]{64}$/;
const allowed = "Allowed: name@sha256:<64 hex digits>, or an image id sha256:<64 hex digits>.";

/** A reference that only the update will know is judged then. RemoteImage counts as well: its id is pinned, the tag it follows is not. */
export const requirePinnedImage: Rule = {
  name: "containers-require-pinned-image",
  displayName: "Images are named by content",
  description:
    "An image is named by its digest: a tag is another image tomorrow, and is not the image that was tested.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Name the image by digest: docker image inspect --format '{{index .RepoDigests 0}}' <image>, or use what set-up wrote to .slipway/images.json.",
  url: "policy/README.md#containers-require-pinned-image",
  seed: "Safe deployment workflow, step 3: deploy the artifact that was built and validated",
  validateResource: [
    checkResource(containerType, function* ({ image }, { name }) {
      if (image === notKnown || pinned.test(textOf(image))) return;
      yield `Container "${name}" runs the image ${show(image)}, which can change under its name. ${allowed} Name its digest.`;
    }),
    checkResource("docker:index/remoteImage:RemoteImage", function* (image, { name }) {
      if (image["build"] !== undefined || image["name"] === notKnown || pinned.test(textOf(image["name"])))
        return;
      yield `RemoteImage "${name}" pulls ${show(image["name"])}, which can change under its name. ${allowed} Name its digest.`;
    }),
  ],
};
