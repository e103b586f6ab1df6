/**
 * Other names for what a rule names inside itself: selections, strings, flow bits.
 *
 * Names that a number tells apart (`$x1`, `$x2`) are one family and change together: two styles in one rule would look
 * odd, and are one decision.
 */
/** One decision: what each member is called, variant by variant; the first is as written. */
export interface Renaming {
    readonly members: readonly string[]
    readonly variants: readonly (readonly string[])[]
}

const variantsMax = 16

/** Words of detections that readers take as synonyms in any context. */
const synonyms: ReadonlyMap<string, readonly string[]> = new Map(
    [
        "selection sel match criteria candidate",
        "filter exclusion exception exclude",
        "known expected usual familiar",
        "benign harmless legitimate expected",
        "img image binary exe",
        "cli cmdline args arguments",
        "cmd command cmdline",
        "parent ancestor parentproc",
        "child childproc spawned",
        "process proc",
        "request req call",
        "response resp answer reply",
        "answer response reply resp",
        "referer referrer ref",
        "interpreter shell scripting",
        "worker workerproc pool",
        "agents tools software",
        "agent tool software",
        "keywords terms words phrases",
        "page doc document",
        "header head hdr",
        "head header hdr start",
        "log logline record",
        "ioc indicator trace",
        "key keydata",
        "path location dir",
        "file filename target",
        "encoded enc coded",
        "suspicious susp",
        "exploit attack attempt",
        "claimed stated",
        "origin source referrer",
        "signed authenticated",
        "marker mark tag",
        "magic signature",
        "pattern pat",
        "string str",
        "query qry",
        "user account",
        "service svc",
        "network net",
        "registry reg",
        "script code",
    ].map((line) => {
        const [word = "", ...others] = line.split(" ")
        return [word, others] as const
    }),
)
/** Words that can follow or precede any name of a kind. */
const tails = {
    selection: ["main", "base", "core", "event", "set", "fields", "cond", "part"],
    string: ["str", "text", "pat", "mark", "val", "lit", "seq", "def"],
    bit: ["seen", "flag", "state", "mark", "set", "stage", "bit", "step"],
} as const
const heads = { selection: ["sel"], string: ["s", "str", "p", "m"], bit: ["is", "saw", "st", "fb"] } as const
/** Between a letter and its number. */
const stems = ["_", "0", "s", "str", "_s", "_str", "v", "_v"]

type NameKind = keyof typeof tails

/** `mayBecome` says whether one name may become the other; no new name is in `takenNames`, nor in two families. */
export function findRenamings(
    nameKind: NameKind,
    names: readonly string[],
    takenNames: ReadonlySet<string>,
    mayBecome: (name: string, other: string) => boolean,
): Renaming[] {
    const used = new Set([...takenNames, ...names])
    return familiesOf(names).flatMap(([stem, members]) => {
        const variants: string[][] = [members]
        for (const other of otherStems(nameKind, stem, members)) {
            const newNames = members.map((name) => other + name.slice(stem.length))
            const isFree = newNames.every(
                (name, i) => !used.has(name) && name.length <= 40 && mayBecome(members[i] ?? "", name),
            )
            if (!isFree || variants.length >= variantsMax) continue
            variants.push(newNames)
            for (const name of newNames) used.add(name)
        }
        return variants.length < 2 ? [] : [{ members, variants }]
    })
}

function familiesOf(names: readonly string[]): [stem: string, members: string[]][] {
    return [...Map.groupBy(new Set(names), (name) => /^(.*?)\d+$/.exec(name)?.[1] ?? name)]
}

/** Other stems, the most natural first. */
function otherStems(nameKind: NameKind, stem: string, members: readonly string[]): string[] {
    const numbered = members.some((name) => name !== stem)
    if (numbered && stem.length < 3) return stems.map((joint) => stem + joint)
    const ends = stem.endsWith("_") ? "_" : ""
    const whole = ends === "" ? stem : stem.slice(0, -1)
    const words = whole.split("_")
    const bySynonym = words.flatMap((word, i) =>
        (synonyms.get(word) ?? []).map((other) => words.with(i, other).join("_")),
    )
    const withTail = tails[nameKind].filter((tail) => !words.includes(tail)).map((tail) => `${whole}_${tail}`)
    const withHead = heads[nameKind].filter((head) => !words.includes(head)).map((head) => `${head}_${whole}`)
    return [...bySynonym, ...withTail, ...withHead].map((other) => other + ends)
}
