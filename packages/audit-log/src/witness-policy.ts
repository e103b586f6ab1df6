/**
 * Reads a policy (C2SP tlog-policy): which logs and witnesses count, and how many witnesses must have signed.
 *
 * The names in it mean nothing outside. A group counts as soon as enough of its members do. Each name is a member of
 * one group at most, so every witness counts once.
 */
import { bytesToHex } from "@noble/hashes/utils.js"
import { type Checkpoint, noteBytesMax, parseCheckpoint, parseNote, signaturesMax } from "./checkpoint.ts"
import { type NoteKey, parseNoteKey, signatureLineBytes, type Verifiers, verifiedSignatures } from "./note-keys.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"

export interface PolicyLog {
    readonly key: NoteKey
    readonly url: string | null
}

export interface PolicyWitness extends PolicyLog {
    /** The name in the policy, not that of the key. */
    readonly name: string
}

/** A witness or a group. */
interface Party {
    readonly line: number
    /** How many of `members` must count; a witness has none. */
    readonly needed: number
    readonly members: readonly string[]
}

export interface WitnessPolicy {
    readonly logs: readonly PolicyLog[]
    readonly witnesses: readonly PolicyWitness[]
    /** The name that must count; null: no witness is needed. */
    readonly quorum: string | null
    readonly parties: ReadonlyMap<string, Party>
}

/** A checkpoint that satisfies a policy. */
export interface WitnessedCheckpoint {
    readonly checkpoint: Checkpoint
    readonly log: NoteKey
    /** All that signed it, needed or not, by their names in the policy. `time` is in seconds since 1970. */
    readonly witnesses: readonly { readonly name: string; readonly time: number }[]
}

const policyBytesMax = 256 * 1024
/** Of logs, of witnesses and of groups. */
const linesMax = 64

/** Reads the bytes of a policy. Refuses `witness_policy.malformed` with the number of the line. */
export function parseWitnessPolicy(bytes: Uint8Array): WitnessPolicy {
    if (bytes.length > policyBytesMax) refuseAt(0, `it must have at most \`${policyBytesMax}\` bytes`)
    const draft = { logs: [] as PolicyLog[], witnesses: [] as PolicyWitness[], parties: new Map<string, Party>() }
    const quorums: string[] = []
    for (const [i, line] of linesOf(bytes).entries()) {
        const [kind, ...rest] = line.split(/[ \t]+/).filter((item) => item !== "")
        if (kind === undefined || kind.startsWith("#")) continue
        if (kind === "log") addLog(draft.logs, rest, i + 1)
        else if (kind === "witness") addWitness(draft, rest, i + 1)
        else if (kind === "group") addGroup(draft.parties, rest, i + 1)
        else if (kind === "quorum") quorums.push(quorumOf(draft.parties, rest, i + 1))
        else refuseAt(i + 1, "each line must begin with `log`, `witness`, `group` or `quorum`")
        if (quorums.length > 1) refuseAt(i + 1, "there must be one `quorum` line")
    }
    const [quorum] = quorums
    if (quorum === undefined) refuseAt(0, "there must be one `quorum` line")
    assertFitsInNote(draft)
    return { ...draft, quorum: quorum === "none" ? null : quorum }
}

/** Refuses `witness_policy.malformed` where no checkpoint of a log could hold the signatures of all witnesses. */
function assertFitsInNote({ logs, witnesses }: Pick<WitnessPolicy, "logs" | "witnesses">): void {
    const keys = witnesses.map(({ key }) => key)
    // One key of a log is enough, and the shorter signature is that of Ed25519.
    for (const [origin, own] of Map.groupBy(logs, ({ key }) => key.name)) {
        const least = own.find(({ key }) => key.kind === "ed25519") ?? own[0]
        if (least === undefined || fitInNote(origin, [least.key, ...keys])) continue
        const limit = `\`${signaturesMax}\` signatures and \`${noteBytesMax}\` bytes`
        refuseAt(
            0,
            `a checkpoint with the signatures of all witnesses must have at most ${limit}: name fewer witnesses`,
        )
    }
}

/** A size of 16 digits, a root in base64, and the newlines of text and note. */
const textBytes = 16 + 44 + 4

/** Whether a checkpoint of this origin can hold the signatures of all these keys. */
export function fitInNote(origin: string, keys: readonly Pick<NoteKey, "name" | "kind">[]): boolean {
    const bytes = keys.reduce((sum, key) => sum + signatureLineBytes(key), textBytes + utf8Length(origin))
    return keys.length <= signaturesMax && bytes <= noteBytesMax
}

const utf8Length = (text: string): number => new TextEncoder().encode(text).length

/** Octets above 0x7F are opaque: each becomes one character. */
function linesOf(bytes: Uint8Array): string[] {
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")
    const lines = text.split("\n")
    const wrong = lines.findIndex((line) => /[^\t -~\u0080-\u00ff]/.test(line))
    if (wrong >= 0) refuseAt(wrong + 1, "it must have no control characters but tabs")
    if (lines.pop() !== "") refuseAt(lines.length + 1, "each line must end with a newline")
    return lines
}

function addLog(logs: PolicyLog[], words: readonly string[], line: number): void {
    const [vkey, url = null, ...more] = words
    if (vkey === undefined || more.length > 0) refuseAt(line, "it must be `log KEY [URL]`")
    const key = keyAt(vkey, line)
    if (key.kind === "cosignature") refuseAt(line, "a log's key must have the type 0x01 or 0x06")
    addKey(logs, { key, url }, line)
}

function addWitness(
    { witnesses, parties }: { witnesses: PolicyWitness[]; parties: Map<string, Party> },
    words: readonly string[],
    line: number,
): void {
    const [name, vkey, url = null, ...more] = words
    if (name === undefined || vkey === undefined || more.length > 0)
        refuseAt(line, "it must be `witness NAME KEY [URL]`")
    const key = keyAt(vkey, line)
    if (key.kind === "ed25519") refuseAt(line, "a witness's key must have the type 0x04 or 0x06")
    addKey(witnesses, { name, key, url }, line)
    addParty(parties, name, { line, needed: 0, members: [] })
}

function addKey<Item extends PolicyLog>(items: Item[], item: Item, line: number): void {
    const isKnown = ({ key }: PolicyLog) => bytesToHex(key.publicKey) === bytesToHex(item.key.publicKey)
    if (items.some(isKnown)) refuseAt(line, "an earlier line has the same public key")
    if (items.length === linesMax) refuseAt(line, `it must have at most \`${linesMax}\` logs and witnesses each`)
    items.push(item)
}

function addGroup(parties: Map<string, Party>, words: readonly string[], line: number): void {
    const [name, count = "", ...members] = words
    if (name === undefined || members.length === 0) refuseAt(line, "it must be `group NAME all|any|NUMBER MEMBER…`")
    const isMember = new Set([...parties.values()].flatMap((party) => party.members))
    for (const [i, member] of members.entries()) {
        if (!parties.has(member)) refuseAt(line, "each member must be named on an earlier line")
        if (isMember.has(member) || members.indexOf(member) !== i) refuseAt(line, "a name can be a member once")
    }
    const needed = count === "all" ? members.length : count === "any" ? 1 : /^[1-9]\d{0,3}$/.test(count) ? +count : 0
    if (needed < 1 || needed > members.length) refuseAt(line, "the number must be `all`, `any`, or 1 to its members")
    addParty(parties, name, { line, needed, members })
}

function addParty(parties: Map<string, Party>, name: string, party: Party): void {
    if (name === "none" || parties.has(name)) refuseAt(party.line, "the name must be new, and not `none`")
    if (parties.size === 2 * linesMax) refuseAt(party.line, `it must have at most \`${2 * linesMax}\` names`)
    parties.set(name, party)
}

function quorumOf(parties: ReadonlyMap<string, Party>, [name, ...more]: readonly string[], line: number): string {
    if (name === undefined || more.length > 0) refuseAt(line, "it must be `quorum NAME`")
    if (name !== "none" && !parties.has(name)) refuseAt(line, "the quorum must be named on an earlier line")
    return name
}

function keyAt(text: string, line: number): NoteKey {
    try {
        // A name in a note is UTF-8; the octets of the policy are joined again for it.
        return parseNoteKey(new TextDecoder("utf-8", { fatal: true }).decode(octetsOf(text)))
    } catch (error) {
        if (!(error instanceof Refusal || error instanceof TypeError)) throw error
        return refuseAt(line, error instanceof Refusal ? error.message : "its key must be in UTF-8")
    }
}

const octetsOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

/** Whether these witnesses, by their names in the policy, are a quorum. */
export function isQuorum(
    { quorum, parties }: Pick<WitnessPolicy, "quorum" | "parties">,
    names: ReadonlySet<string>,
): boolean {
    const counts = (name: string): boolean => {
        const { needed, members } = parties.get(name) ?? { needed: 1, members: [] }
        return members.length === 0 ? names.has(name) : members.filter(counts).length >= needed
    }
    return quorum === null || counts(quorum)
}

/**
 * Checks a signed checkpoint. Refuses `witness_policy.other_log` unless a log of the policy signed it,
 * `witness_policy.no_quorum`, and what `verifiedSignatures` and `parseCheckpoint` refuse.
 */
export function checkWitnessPolicy(policy: WitnessPolicy, note: string, verifiers: Verifiers): WitnessedCheckpoint {
    const checkpoint = parseCheckpoint(parseNote(note).text)
    const keys = policy.logs.flatMap(({ key }) => (key.name === checkpoint.origin ? [key] : []))
    const [signed] = verifiedSignatures(note, keys, verifiers)
    if (signed === undefined) {
        refuse(
            "invalid",
            "witness_policy.other_log",
            `no log of the policy signed the checkpoint of \`${checkpoint.origin}\``,
        )
    }
    const witnesses = witnessesOf(policy, note, verifiers)
    if (!isQuorum(policy, new Set(witnesses.map(({ name }) => name)))) {
        const names = witnesses.map(({ name }) => name).join(", ") || "none"
        refuse(
            "invalid",
            "witness_policy.no_quorum",
            `too few witnesses of the policy signed the checkpoint: ${names}`,
            {
                names,
            },
        )
    }
    return { checkpoint, log: signed.key, witnesses }
}

/** Lists the witnesses of a policy that signed a note, each once. Refuses what `verifiedSignatures` refuses. */
function witnessesOf(
    { witnesses }: Pick<WitnessPolicy, "witnesses">,
    note: string,
    verifiers: Verifiers,
): { readonly name: string; readonly time: number }[] {
    const keys = witnesses.map(({ key }) => key)
    const signed = verifiedSignatures(note, keys, verifiers).filter(({ time }) => time > 0)
    return witnesses.flatMap(({ name, key }) => {
        const times = signed.flatMap((signature) => (signature.key === key ? [signature.time] : []))
        return times.length === 0 ? [] : [{ name, time: Math.max(...times) }]
    })
}

function refuseAt(line: number, rule: string): never {
    const where = line === 0 ? "" : ` in line \`${line}\``
    refuse("invalid", "witness_policy.malformed", `bad policy${where}: ${rule}`, { line })
}
