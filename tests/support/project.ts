export { freePort, makeProject, type Outcome, type Project } from "../../bench/project";
