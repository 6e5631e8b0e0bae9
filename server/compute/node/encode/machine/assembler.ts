// WebAssembly instructions as values, and a module of them (WebAssembly core specification, "Binary Format"). A Code is bytes that
// leave one value, or none, on the stack; instructions take the codes of their operands.

export type Code = readonly number[];

/** `i32`, the type of addresses and counts, or `i64`. */
type ValueType = typeof I32 | typeof I64;
export const I32 = 0x7f;
export const I64 = 0x7e;

/** Little-endian base 128, unsigned. */
function unsigned(value: number): Code {
  return value < 128
    ? [value]
    : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** Signed, as constants are written. */
function signed(value: bigint): Code {
  const byte = Number(value & 127n);
  const rest = value >> 7n;
  const last = (rest === 0n && byte < 64) || (rest === -1n && byte >= 64);
  return last ? [byte] : [byte | 128, ...signed(rest)];
}

export const i32 = (value: number): Code => [0x41, ...signed(BigInt(value))];
export const i64 = (value: bigint): Code => [0x42, ...signed(value)];

function binary(opcode: number): (left: Code, right: Code) => Code {
  return (left, right) => [...left, ...right, opcode];
}

function unary(opcode: number): (operand: Code) => Code {
  return (operand) => [...operand, opcode];
}

export const eqz: (operand: Code) => Code = unary(0x45);
export const lessThan: (left: Code, right: Code) => Code = binary(0x48);
export const add: (left: Code, right: Code) => Code = binary(0x6a);
export const sub: (left: Code, right: Code) => Code = binary(0x6b);
export const mul: (left: Code, right: Code) => Code = binary(0x6c);
export const div: (left: Code, right: Code) => Code = binary(0x6e);
export const and: (left: Code, right: Code) => Code = binary(0x71);
export const or: (left: Code, right: Code) => Code = binary(0x72);
export const shiftLeft: (left: Code, right: Code) => Code = binary(0x74);
export const shiftRight: (left: Code, right: Code) => Code = binary(0x76);
export const rotateLeft: (left: Code, right: Code) => Code = binary(0x77);
export const lessThan64: (left: Code, right: Code) => Code = binary(0x53);
export const below64: (left: Code, right: Code) => Code = binary(0x54);
export const countTrailingZeros64: (operand: Code) => Code = unary(0x7a);
export const add64: (left: Code, right: Code) => Code = binary(0x7c);
export const sub64: (left: Code, right: Code) => Code = binary(0x7d);
export const mul64: (left: Code, right: Code) => Code = binary(0x7e);
export const div64: (left: Code, right: Code) => Code = binary(0x80);
export const and64: (left: Code, right: Code) => Code = binary(0x83);
export const or64: (left: Code, right: Code) => Code = binary(0x84);
export const shiftLeft64: (left: Code, right: Code) => Code = binary(0x86);
export const shiftRight64: (left: Code, right: Code) => Code = binary(0x88);
/** The lower half. */
export const low: (operand: Code) => Code = unary(0xa7);
/** With zeros above. */
export const wide: (operand: Code) => Code = unary(0xad);

/** Alignment is a hint; no access of ours relies on it. */
const UNALIGNED = 0;

function load(...opcode: Code): (address: Code, offset?: number) => Code {
  return (address, offset = 0) => [
    ...address,
    ...opcode,
    UNALIGNED,
    ...unsigned(offset),
  ];
}

function store(
  ...opcode: Code
): (address: Code, value: Code, offset?: number) => Code {
  return (address, value, offset = 0) => [
    ...address,
    ...value,
    ...opcode,
    UNALIGNED,
    ...unsigned(offset),
  ];
}

type Load = ReturnType<typeof load>;
type Store = ReturnType<typeof store>;
export const load32: Load = load(0x28);
export const load64: Load = load(0x29);
export const load8: Load = load(0x2d);
/** 16 bits, sign-extended to 64. */
export const load16As64: Load = load(0x32);
export const load32As64: Load = load(0x34);
export const load128: Load = load(0xfd, 0);
export const store32: Store = store(0x36);
export const store8: Store = store(0x3a);
export const store16: Store = store(0x3b);
export const store64: Store = store(0x37);
export const store128: Store = store(0xfd, 11);

/** A local is the code that reads it: `local.get`, index. */
export const set = (local: Code, value: Code): Code => [
  ...value,
  0x21,
  ...local.slice(1),
];
export const increase = (local: Code, by: Code): Code =>
  set(local, add(local, by));

const NO_VALUE = 0x40;
const END = 0x0b;

/** Runs `body` once and again while the condition holds. */
export const repeatWhile = (
  condition: Code,
  ...body: readonly Code[]
): Code => [0x03, NO_VALUE, ...body.flat(), ...condition, 0x0d, 0, END];

export const when = (
  condition: Code,
  then: readonly Code[],
  otherwise: readonly Code[] = [],
): Code => [
  ...condition,
  0x04,
  NO_VALUE,
  ...then.flat(),
  ...(otherwise.length === 0 ? [] : [0x05, ...otherwise.flat()]),
  END,
];

/** The value of one of two codes without a jump. */
export const choose = (condition: Code, then: Code, otherwise: Code): Code => [
  ...then,
  ...otherwise,
  ...condition,
  0x1b,
];

export const call = (index: number, ...operands: readonly Code[]): Code => [
  ...operands.flat(),
  0x10,
  ...unsigned(index),
];

export interface Routine {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

/** A function that gives an i32: the last code's value. Its variables are told apart by name. */
export function routine<P extends string, L extends string = never>(
  name: string,
  variables: {
    readonly parameters: Readonly<Record<P, ValueType>>;
    readonly locals?: Readonly<Record<L, ValueType>>;
  },
  body: (read: (name: P | L) => Code) => readonly Code[],
): Routine {
  const parameters = Object.entries<ValueType>(variables.parameters);
  const locals = Object.entries<ValueType>(variables.locals ?? {});
  const names = [...parameters, ...locals].map(([variable]) => variable);
  const read = (variable: P | L): Code => [0x20, names.indexOf(variable)];
  return {
    name,
    parameters: parameters.map(([, type]) => type),
    locals: locals.map(([, type]) => type),
    body: body(read).flat(),
  };
}

const MAGIC: Code = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A module that exports its routines by name and imports its memory as `host.memory`. */
export function assemble(
  routines: readonly Routine[],
): Uint8Array<ArrayBuffer> {
  const types = routines.map(({ parameters }) => [
    0x60,
    ...list(parameters.map((type) => [type])),
    ...list([[I32]]),
  ]);
  const indexes = routines.map((_, index) => unsigned(index));
  const exported = routines.map(({ name }, index) => [
    ...text(name),
    0,
    ...unsigned(index),
  ]);
  const bodies = routines.map(({ locals, body }) =>
    sized([...list(locals.map((type) => [1, type])), ...body, END]),
  );
  return Uint8Array.from([
    ...MAGIC,
    ...section(1, list(types)),
    ...section(2, list([[...text("host"), ...text("memory"), 2, 0, 1]])),
    ...section(3, list(indexes)),
    ...section(7, list(exported)),
    ...section(10, list(bodies)),
  ]);
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function sized(code: Code): Code {
  return [...unsigned(code.length), ...code];
}

function text(value: string): Code {
  return sized([...Buffer.from(value)]);
}

function section(id: number, content: Code): Code {
  return [id, ...sized(content)];
}
