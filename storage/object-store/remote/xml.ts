// The little XML that object stores answer with: elements and text, no attributes of interest. A tree that is read by names.

export interface XmlElement {
  /** Without a namespace prefix. */
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Its text, entities decoded; children's text is not included. */
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const TOKEN =
  /<\?[^>]*\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<![^>]*>|<(\/?)([^\s/>]+)([^>]*?)(\/?)>|([^<]+)/g;

/** The document's root; undefined for what is not well-formed. */
export function parseXml(text: string): XmlElement | undefined {
  const root: Open = { name: "", children: [], text: "" };
  const stack: Open[] = [root];
  for (const token of text.matchAll(TOKEN)) {
    const [, cdata, closing, name, , empty, characters] = token;
    const top = stack.at(-1);
    if (top === undefined) return undefined;
    if (cdata !== undefined) top.text += cdata;
    else if (characters !== undefined) top.text += decodeEntities(characters);
    else if (name === undefined) continue;
    else if (closing === "/") {
      if (stack.length < 2 || top.name !== localName(name)) return undefined;
      stack.pop();
      stack.at(-1)?.children.push(top);
    } else {
      const element: Open = { name: localName(name), children: [], text: "" };
      if (empty === "/") top.children.push(element);
      else stack.push(element);
    }
  }
  return stack.length === 1 ? root.children[0] : undefined;
}

export function childrenOf(
  element: XmlElement | undefined,
  name: string,
): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The text of the first child of that name. */
export function childText(
  element: XmlElement | undefined,
  name: string,
): string | undefined {
  return element?.children.find((child) => child.name === name)?.text;
}

/** `text` as the content of an element. */
export function escapeXml(text: string): string {
  return text.replace(
    /[<>&"']/g,
    (char) => `&#${String(char.codePointAt(0))};`,
  );
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function decodeEntities(text: string): string {
  return text.replace(/&(#x?[0-9a-fA-F]+|[a-z]+);/g, (whole, body: string) => {
    if (!body.startsWith("#")) return ENTITIES[body] ?? whole;
    const code = body.startsWith("#x")
      ? Number.parseInt(body.slice(2), 16)
      : Number.parseInt(body.slice(1), 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
