/** Mocha's spec reporter, that also writes mocha's JSON report to the file in `--reporter-option output=`; evidence is made from it. */
const { reporters } = require("mocha");

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    new reporters.JSON(runner, options);
  }
};
