/**
 * Mocha's spec reporter, that also writes mocha's JSON report to .slipway/reports/unit.json (evidence is made from it) and ends with
 * the counts alone on a line.
 */
const { reporters } = require("mocha");

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    new reporters.JSON(runner, { reporterOption: { output: ".slipway/reports/unit.json" } });
    this.counts = runner.stats;
  }

  done(failures, exit) {
    const { passes, failures: failed, pending } = this.counts;
    process.stdout.write(`${passes} passed, ${failed} failed${pending > 0 ? `, ${pending} skipped` : ""}\n`);
    exit(failures);
  }
};
