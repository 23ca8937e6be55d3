/**
 * What a resource takes and gives, read from the declarations (.d.ts) of the SDK that the program itself uses. They are generated, one
 * member after another, so that a small reader is enough; each is read when a program uses its type.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export type Shape =
  | { kind: "string" | "number" | "boolean" | "any" | "asset" }
  | { kind: "list" | "map"; of: Shape }
  | { kind: "object"; members: () => Members }
  | { kind: "union"; of: Shape[] };

export interface Member {
  shape: Shape;
  optional: boolean;
}
export type Members = Readonly<Record<string, Member>>;

export interface ResourceTyping {
  inputs: Members;
  /** Each property of the resource but `id` and `urn`. */
  outputs: Members;
  /** Of the package, where the declarations are: what messages name as a rule's source. */
  source: string;
}

export class Typings {
  readonly version: string;
  private readonly texts = new Map<string, string>();
  private readonly interfaces = new Map<string, Members>();
  private readonly resources = new Map<string, ResourceTyping | undefined>();

  /** @param folder of the SDK's package. */
  constructor(
    private readonly folder: string,
    private readonly name: string,
  ) {
    this.version = (
      JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }
    ).version;
  }

  /** @param type such as `aws:ec2/vpc:Vpc`. @returns undefined for a type that the SDK does not have. */
  resource(type: string): ResourceTyping | undefined {
    if (!this.resources.has(type)) this.resources.set(type, this.readResource(type));
    return this.resources.get(type);
  }

  /** What the package's provider is configured with. */
  get provider(): Members {
    return this.interfaceIn("provider.d.ts", "\nexport interface ProviderArgs {", "\n}");
  }

  private readResource(type: string): ResourceTyping | undefined {
    const [, path = "", name = ""] = type.split(":");
    const file = this.declarations(path.replace(/^index\//, ""));
    if (file === undefined) return undefined;
    const source = `@pulumi/${this.name} ${this.version}, ${file}`;
    const outputs = this.interfaceIn(file, `\nexport declare class ${name} extends `, "\n    constructor(");
    return { inputs: this.interfaceIn(file, `\nexport interface ${name}Args {`, "\n}"), outputs, source };
  }

  /** Some files are called in other case than the type's token: `d1Database` is in `d1database.d.ts`. */
  private declarations(path: string): string | undefined {
    const wanted = basename(`${path}.d.ts`).toLowerCase();
    const folder = join(this.folder, dirname(path));
    const files = existsSync(folder) ? readdirSync(folder) : [];
    const file = files.find((each) => each.toLowerCase() === wanted);
    return file && join(dirname(path), file);
  }

  private interfaceIn(file: string, start: string, end: string, from = 0): Members {
    const text = this.text(file);
    const at = text.indexOf(start, from);
    if (at < 0) return {};
    const open = text.indexOf("{", at);
    return this.membersOf(text.slice(open + 1, text.indexOf(end, open) + 1));
  }

  private text(file: string): string {
    let text = this.texts.get(file);
    if (text === undefined) this.texts.set(file, (text = readFileSync(join(this.folder, file), "latin1")));
    return text;
  }

  /** @param reference such as `inputs.ecs.ServiceAlarms`. */
  private referred(reference: string): Members {
    const known = this.interfaces.get(reference);
    if (known) return known;
    const parts = reference.split(".");
    const file = parts[0] === "inputs" ? "types/input.d.ts" : "types/output.d.ts";
    const name = parts.at(-1) ?? "";
    const namespaces = parts.slice(1, -1);
    let members: Members;
    if (namespaces.length === 0) members = this.interfaceIn(file, `\nexport interface ${name} {`, "\n}");
    else {
      let from = 0;
      for (const [depth, namespace] of namespaces.entries()) {
        const declared = `\n${"    ".repeat(depth)}${depth === 0 ? "export declare " : ""}namespace ${namespace} {`;
        from = Math.max(0, this.text(file).indexOf(declared, from));
      }
      const indent = "    ".repeat(namespaces.length);
      members = this.interfaceIn(file, `\n${indent}interface ${name} {`, `\n${indent}}`, from);
    }
    this.interfaces.set(reference, members);
    return members;
  }

  private membersOf(body: string): Members {
    const members: Record<string, Member> = {};
    const text = body.replace(/\/\*\*[\s\S]*?\*\//g, "");
    for (const match of text.matchAll(
      /^ *(?:readonly )?(\w+)(\??): ([\s\S]*?);\r?$(?=\s*(?:static |readonly |\w+\??: |$(?![\s\S])))/gm,
    )) {
      const [, name = "", mark, type = ""] = match;
      const shape = this.shapeOf(type);
      members[name] = { shape, optional: mark === "?" || optionalType(type) };
    }
    return members;
  }

  private shapeOf(type: string): Shape {
    const { shape } = new TypeReader(type, (reference) => this.referred(reference));
    return shape;
  }
}

const optionalType = (type: string): boolean => /\| undefined>?$/.test(type);

/** Reads a type expression as the SDKs' generator writes them. */
class TypeReader {
  readonly shape: Shape;
  private readonly tokens: string[];
  private at = 0;

  constructor(
    text: string,
    private readonly referred: (reference: string) => Members,
  ) {
    this.tokens = text.match(/[\w.]+|"[^"]*"|[{}[\]<>|:;(),]/g) ?? [];
    this.shape = this.union();
  }

  private union(): Shape {
    const shapes: Shape[] = [];
    do {
      const shape = this.element();
      if (shape) shapes.push(shape);
    } while (this.take("|"));
    const [first, ...more] = shapes;
    if (!first) return { kind: "any" };
    return more.length === 0 ? first : { kind: "union", of: shapes };
  }

  /** undefined for the type `undefined`. */
  private element(): Shape | undefined {
    let shape = this.primary();
    while (this.take("[")) {
      this.take("]");
      shape = { kind: "list", of: shape ?? { kind: "any" } };
    }
    return shape;
  }

  private primary(): Shape | undefined {
    const token = this.tokens[this.at++] ?? "";
    if (token === "{") return this.map();
    if (token === "(") return this.closed(")");
    if (this.take("<")) {
      const inner = this.closed(">");
      return /^pulumi\.(Input|Output)$/.test(token) ? inner : { kind: "any" };
    }
    if (token === "undefined") return undefined;
    if (token === "string" || token === "number" || token === "boolean") return { kind: token };
    if (token.startsWith('"') || token.startsWith("enums.") || token === "ARN") return { kind: "string" };
    if (token.startsWith("pulumi.asset.")) return { kind: "asset" };
    if (/^(inputs|outputs)\./.test(token)) return { kind: "object", members: () => this.referred(token) };
    return { kind: "any" };
  }

  /** `{ [key: string]: T; }` */
  private map(): Shape {
    while (this.tokens[this.at] !== "]" && this.at < this.tokens.length) this.at++;
    this.at += 2;
    const of = this.union();
    this.take(";");
    this.take("}");
    return { kind: "map", of };
  }

  private closed(end: string): Shape {
    const shape = this.union();
    this.take(end);
    return shape;
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }
}
