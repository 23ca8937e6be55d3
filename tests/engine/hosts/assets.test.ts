import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { withAssetHashes } from "../../../engine/hosts/assets";
import { ARCHIVE, ASSET, SIG, makeSecret } from "../../../engine/values";
import { temporaryDirectory } from "./support";

const HASH_OF_FIRST = "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e";

/** Every hash was computed by the Pulumi CLI for the same files. */
describe("engine/hosts/assets", () => {
  const directory = temporaryDirectory();

  before(() => {
    const files = {
      "archive/a.txt": "first",
      "archive/sub/b.txt": "second file",
      "archive/.pulumi/ignored": "hidden",
      "archive/sub.txt": "last",
      [`archive/${"long-".repeat(18)}/a-name-that-does-not-fit-without-a-prefix.txt`]: "deep",
      "made.zip": "not really a zip",
    };
    for (const [name, contents] of Object.entries(files)) {
      const file = join(directory.path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, contents);
    }
  });

  it("hashes texts and files, relative to the program, and drops the SDK's own marks", async () => {
    const uri = pathToFileURL(join(directory.path, "archive/a.txt")).href;
    const properties = {
      text: { [SIG]: ASSET, text: "hello", __pulumiAsset: true },
      empty: { [SIG]: ASSET, text: "" },
      file: [{ [SIG]: ASSET, path: "archive/a.txt" }],
      remote: makeSecret({ [SIG]: ASSET, uri }),
      plain: "left alone",
    };
    assert.deepEqual(await withAssetHashes(properties, directory.path), {
      text: {
        [SIG]: ASSET,
        text: "hello",
        hash: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
      },
      empty: { [SIG]: ASSET, hash: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
      file: [{ [SIG]: ASSET, path: "archive/a.txt", hash: HASH_OF_FIRST }],
      remote: makeSecret({ [SIG]: ASSET, uri, hash: HASH_OF_FIRST }),
      plain: "left alone",
    });
  });

  it("hashes a directory as the tar file that Go writes of it, and an archive file as it is", async () => {
    const properties = {
      directory: { [SIG]: ARCHIVE, path: "archive" },
      zip: { [SIG]: ARCHIVE, path: "./made.zip" },
    };
    assert.deepEqual(await withAssetHashes(properties, directory.path), {
      directory: {
        [SIG]: ARCHIVE,
        path: "archive",
        hash: "e8606510be8ea2f0e035b5ab02dc7fed8c405daba3271587d7cc88f4ad2dca49",
      },
      zip: {
        [SIG]: ARCHIVE,
        path: "./made.zip",
        hash: "d5bd64a5c43b6f8cc7f6c7897e954e58b89abfed62e851a47f842de714cca7d0",
      },
    });
  });

  it("hashes an archive of assets and archives, and each of them", async () => {
    const members = {
      [SIG]: ARCHIVE,
      assets: {
        "z.txt": { [SIG]: ASSET, text: "zed" },
        dir: { [SIG]: ARCHIVE, path: "archive/sub" },
        inner: { [SIG]: ARCHIVE, assets: { b: { [SIG]: ASSET, path: "archive/a.txt" } } },
        a: { [SIG]: ASSET, path: "archive/sub.txt" },
      },
    };
    const hashed = await withAssetHashes({ members }, directory.path);
    const hashes = [...JSON.stringify(hashed).matchAll(/"hash":"(\w+)"/g)].map(([, hash]) => hash);
    assert.deepEqual(hashes, [
      "ae8f5080a348fbfeb2c776957979728034cdf3eee0160c8667ee66daa8440a48",
      "bf5ac046b7b2325bcdcbdc4ca5c28dac8cdb81c1396b42f4a6b01f00196dcc7f",
      HASH_OF_FIRST,
      "d4c6c4e61451bec31046beb8899b3bc91720722f2bb916bbcdc8187f82d82765",
      "3547cb112ac4489af2310c0626cdba6f3097a2ad5a3b42ddd3b59c76c7a079a3",
      "d9043d64eac9f63f65e4e0bf8fe98547e229ba9b6c505c2c99804370940dcbca",
    ]);
  });

  it("takes a link to a file for the file, and leaves out a link to a directory", async () => {
    for (const name of ["plain", "linked"]) mkdirSync(join(directory.path, name));
    writeFileSync(join(directory.path, "plain/file"), "first");
    symlinkSync("../archive/a.txt", join(directory.path, "linked/file"));
    symlinkSync("../archive", join(directory.path, "linked/folder"));
    const [plain, linked] = await Promise.all(
      ["plain", "linked"].map(async (path) =>
        withAssetHashes({ it: { [SIG]: ARCHIVE, path } }, directory.path),
      ),
    );
    const hash = (properties: typeof plain): string | undefined =>
      /"hash":"(\w+)"/.exec(JSON.stringify(properties))?.[1];
    assert.equal(hash(linked), hash(plain));
  });

  it("names the file that cannot be read, and refuses an archive file inside an archive", async () => {
    const missing = withAssetHashes({ it: { [SIG]: ASSET, path: "absent.txt" } }, directory.path);
    await assert.rejects(missing, /absent\.txt/);
    const nested = { [SIG]: ARCHIVE, assets: { zip: { [SIG]: ARCHIVE, path: "made.zip" } } };
    await assert.rejects(withAssetHashes({ nested }, directory.path), {
      message:
        'the archive "made.zip" is a member of another archive, which this engine supports for directories and assets only',
    });
  });
});
