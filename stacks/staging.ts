/** Staging: what runs here, and how long it has, is what production asks for. */
import { cloudStack } from "./cloud";

export const stagingStack = cloudStack("staging", undefined);
